/* What a relay gone bad does to sound, pictures and words that pass through it: nothing of it is heard, seen or read, it is
 * said where there is something to say, and the meeting goes on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/e2e/siege.h"

#define HOSTILE(...) hostile_do(&siege.hostile, __VA_ARGS__)

/* Ann is heard for a while, then off. */
static void ann_spoke(void)
{
	siege_mic(&siege.ann, true);
	siege_hears(&siege.bo, 1, true);
	siege_hears(&siege.cy, 1, true);
	HOSTILE("wait down audio of=2 from=1 count=50");
	siege_mic(&siege.ann, false);
	siege_hears(&siege.bo, 1, false);
	siege_hears(&siege.cy, 1, false);
}

static void hostile__all_pass__when_nothing_is_done(void **state)
{
	(void)state;
	siege_lives();
	assert_int_equal(hostile_count(&siege.hostile, "twice", "unique up *"), 0);
	assert_int_equal(hostile_count(&siege.hostile, "count", "list up media flags=4"), 0);
}

static void hostile__replayed_frames__are_not_heard(void **state)
{
	long frames;

	(void)state;
	ann_spoke();
	siege_not_heard(&siege.bo, 1, 0.5);
	frames = siege_frames(&siege.bo, 1, "audio");
	assert_true(hostile_count(&siege.hostile, "sent", "replay to=2 down audio of=2 from=1") >= 50);
	siege_not_heard(&siege.bo, 1, 1);
	/* Nor those that went to another: the same bytes. */
	HOSTILE("replay to=2 down audio of=3 from=1");
	siege_not_heard(&siege.bo, 1, 1);
	assert_int_equal(siege_frames(&siege.bo, 1, "audio"), frames);
	/* Nor to whom they came from, nor in another's name. */
	HOSTILE("replay to=1 down audio of=2 from=1");
	HOSTILE("replay to=2 down audio of=2 from=1 source=3");
	siege_not_heard(&siege.bo, 3, 1);
	siege_not_heard(&siege.ann, 1, 0);
	siege_lives();
}

static void hostile__replayed_frames__are_not_heard_in_the_next_epoch(void **state)
{
	(void)state;
	ann_spoke();
	siege_turn();
	HOSTILE("replay to=2 down audio of=2 from=1");
	siege_not_heard(&siege.bo, 1, 1);
	siege_lives();
}

static void hostile__changed_frames__are_not_heard(void **state)
{
	static const char *const changes[] = { "flip=0:255", "flip=9", "flip=40:16", "cut=30",
					       "source=3",   "setflags=2", "old=1" };

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		HOSTILE("rule change down audio of=2 from=1 %s", changes[i]);
		siege_mic(&siege.ann, true);
		siege_hears(&siege.cy, 1, true);
		HOSTILE("wait down audio of=2 from=1 since=now count=30");
		siege_not_heard(&siege.bo, 1, 0);
		siege_not_heard(&siege.bo, 3, 0);
		siege_mic(&siege.ann, false);
		siege_hears(&siege.cy, 1, false);
		HOSTILE("unrule change");
	}
	siege_secure(&siege.bo, 1);
	siege_lives();
}

static void hostile__many_bad_frames__are_said(void **state)
{
	(void)state;
	HOSTILE("rule change down audio of=2 from=1 flip=30");
	siege_mic(&siege.ann, true);
	siege_error(&siege.bo, "frames-refused");
	HOSTILE("unrule change");
	siege_hears(&siege.bo, 1, true);
}

static void hostile__dropped_and_turned_round__is_no_more_than_that(void **state)
{
	(void)state;
	HOSTILE("rule hole down audio of=2 n=10-30 drop");
	HOSTILE("rule swap down audio of=3 n=10-30 hold");
	siege_mic(&siege.ann, true);
	siege_hears(&siege.bo, 1, true);
	HOSTILE("wait down audio of=3 from=1 count=60");
	HOSTILE("release swap reverse");
	HOSTILE("wait down audio of=3 from=1 count=120");
	siege_mic(&siege.ann, false);
	siege_hears(&siege.bo, 1, false);
	assert_true(siege_frames(&siege.bo, 1, "audio") >= 60);
	siege_secure(&siege.bo, 1);
	siege_secure(&siege.cy, 1);
	HOSTILE("unrule *");
	siege_lives();
}

static void hostile__everything_twice__is_taken_once(void **state)
{
	long sent;

	(void)state;
	HOSTILE("rule media both media dup");
	HOSTILE("rule piece both piece dup");
	HOSTILE("rule talk down chat dup");
	siege_mic(&siege.ann, true);
	siege_hears(&siege.bo, 1, true);
	HOSTILE("wait down audio of=2 from=1 count=60");
	siege_mic(&siege.ann, false);
	siege_hears(&siege.bo, 1, false);
	sent = hostile_count(&siege.hostile, "count", "list up audio of=1");
	assert_true(siege_frames(&siege.bo, 1, "audio") <= sent);
	siege_said(&siege.ann, &siege.bo, "only once");
	siege_not_read(&siege.bo, "only once", 1);
	siege_turn();
	siege_said(&siege.cy, &siege.ann, "and after that");
	siege_not_read(&siege.ann, "and after that", 1);
	HOSTILE("unrule *");
	siege_lives();
}

/* ---- words ------------------------------------------------------------------------------------------------ */

static void hostile__replayed_words__are_not_shown(void **state)
{
	(void)state;
	siege_said(&siege.ann, &siege.bo, "sell at nine");
	peer_wait(&siege.ann, "chat", "{\"text\":\"sell at nine\"}");
	HOSTILE("replay to=2 down chat of=2");
	siege_error(&siege.bo, "not-opened");
	siege_not_read(&siege.bo, "sell at nine", 0.5);
	/* Not to who said it, either. */
	HOSTILE("replay to=1 down chat of=1");
	siege_not_read(&siege.ann, "sell at nine", 1);
	siege_turn();
	HOSTILE("replay to=2 down chat of=2");
	siege_not_read(&siege.bo, "sell at nine", 1);
	siege_lives();
}

static void hostile__words_turned_round__do_not_come_in_the_wrong_order(void **state)
{
	(void)state;
	HOSTILE("rule turn down chat of=2 hold");
	siege_say(&siege.ann, "shall we attack?");
	siege_say(&siege.ann, "no");
	HOSTILE("wait down chat of=2 count=2");
	HOSTILE("release turn reverse");
	peer_wait(&siege.bo, "chat", "{\"text\":\"no\"}");
	siege_error(&siege.bo, "not-opened");
	siege_not_read(&siege.bo, "shall we attack?", 0.5);
	HOSTILE("unrule *");
	siege_lives();
}

static void hostile__changed_words__are_not_shown(void **state)
{
	static const char *const changes[] = {
		"{\"from\":3}", "{\"to\":\"hosts\"}", "{\"to\":\"everyone\",\"from\":2}", "{\"sealed\":false}",
		"{\"text\":\"good news\"}", "{\"text\":\"good news\",\"sealed\":false}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		HOSTILE("rule change down chat of=2 set=%s", changes[i]);
		siege_said(&siege.ann, &siege.cy, "bad news");
		siege_never(&siege.bo, "chat", NULL, 0.7);
		HOSTILE("unrule change");
	}
	siege_lives();
}

static void hostile__words_in_anothers_mouth__are_not_shown(void **state)
{
	(void)state;
	siege_said(&siege.bo, &siege.cy, "Bo likes it");
	peer_wait(&siege.ann, "chat", NULL);
	HOSTILE("rule lie down chat of=3 set={\"from\":1,\"name\":\"Ann\"}");
	siege_said(&siege.bo, &siege.ann, "Bo hates it");
	siege_not_read(&siege.cy, "Bo hates it", 0.7);
	HOSTILE("unrule lie");
	/* By another name it is read as what it is. */
	HOSTILE("rule lie down chat of=3 set={\"name\":\"Ann\"}");
	siege_say(&siege.bo, "who says that?");
	peer_wait(&siege.cy, "chat", "{\"text\":\"who says that?\",\"name\":\"Bo\",\"from\":2}");
	HOSTILE("unrule lie");
	siege_lives();
}

static void hostile__private_words__stay_private(void **state)
{
	(void)state;
	peer_ok(&siege.ann, "msg", "Bo", "for Bo alone", NULL);
	peer_wait(&siege.bo, "chat", "{\"text\":\"for Bo alone\",\"to\":2}");
	HOSTILE("replay to=3 down chat of=2");
	siege_never(&siege.cy, "chat", NULL, 0.7);
	/* Nor are they made to look as if all had read them. */
	HOSTILE("rule lie down chat of=2 set={\"to\":\"everyone\"}");
	peer_ok(&siege.ann, "msg", "Bo", "this one too", NULL);
	siege_not_read(&siege.bo, "this one too", 0.7);
	HOSTILE("unrule lie");
	hostile_never_saw(&siege.hostile, "for Bo alone", 12);
	siege_lives();
}

/* ---- plaintext --------------------------------------------------------------------------------------------- */

static void hostile__plain_frames__are_not_heard(void **state)
{
	(void)state;
	/* An Opus packet of silence, 20 ms; a picture of nothing. */
	for (int i = 0; i < 30; i++)
		HOSTILE("say down of=2 audio source=1 flags=4 level=20 time=%d hex=f8fffe", 960 * i);
	HOSTILE("say down of=2 camera-small source=1 flags=5 level=127 hex=10020000");
	siege_error(&siege.bo, "not-sealed");
	siege_not_heard(&siege.bo, 1, 0.5);
	siege_never(&siege.bo, "video", NULL, 0);
	assert_int_equal(siege_frames(&siege.bo, 1, "audio"), 0);
	/* Nor sealed ones that are said to be plain, nor plain ones that are said to be sealed. */
	HOSTILE("rule plain down audio of=2 setflags=4");
	siege_mic(&siege.ann, true);
	siege_hears(&siege.cy, 1, true);
	siege_not_heard(&siege.bo, 1, 1);
	for (int i = 0; i < 30; i++)
		HOSTILE("say down of=2 audio source=3 flags=0 level=20 time=%d hex=f8fffe", 960 * i);
	siege_not_heard(&siege.bo, 3, 0.5);
	siege_secure(&siege.bo, 1);
	HOSTILE("unrule plain");
	siege_hears(&siege.bo, 1, true);
}

static void say_plain_chat(const char *more)
{
	HOSTILE("say down of=1 {\"event\":\"chat\",\"name\":\"Bo\",\"text\":\"forged\",\"time_ms\":1795820600810,\"chat_seq\":900,"
		"%s}", more);
}

static void hostile__plain_words__are_not_shown(void **state)
{
	static const char *const forms[] = {
		"\"from\":2,\"to\":\"everyone\"", "\"from\":2,\"to\":\"everyone\",\"sealed\":false",
		"\"from\":2,\"to\":\"hosts\"", "\"from\":2,\"to\":1", "\"from\":2,\"to\":\"all-rooms\"",
		"\"from\":1,\"to\":\"everyone\"", "\"from\":1,\"to\":\"hosts\"", "\"from\":0,\"to\":\"everyone\"",
		"\"from\":77,\"to\":\"everyone\"", "\"from\":77,\"to\":1",
		/* Somebody who is not there, or not at the door, says nothing to hosts. */
		"\"from\":77,\"to\":\"hosts\"", "\"from\":0,\"to\":\"hosts\"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		say_plain_chat(forms[i]);
		if (peer_wait_for(&siege.ann, "chat", "{\"text\":\"forged\"}", 0.5))
			fail_msg("this was shown: %s", forms[i]);
	}
	siege_lives();
}

/* An offer of a file that nobody made, and pieces of one that are not what was sent. */
static void hostile__files__are_what_was_sent(void **state)
{
	static const char secret[] = "a will, signed and sealed, for Bo";
	char path[DRIVE_PATH + 20];
	FILE *file;

	(void)state;
	HOSTILE("say down of=2 {\"event\":\"file\",\"file\":9,\"from\":1,\"name\":\"Ann\",\"number\":2,\"text\":\"virus.exe\",\"size\":10,"
		"\"hash\":\"%064d\",\"time_ms\":1795820600810}", 0);
	siege_error(&siege.bo, "not-sealed");
	siege_never(&siege.bo, "file", NULL, 0.3);
	peer_ok(&siege.ann, "set", "files", "on", NULL);
	snprintf(path, sizeof(path), "%s/will.txt", drive_folder());
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(secret, file);
	fclose(file);
	for (int i = 0; i < 2; i++) {
		json_t *offer;
		char number[20];

		HOSTILE("rule change down file-chunk %s", i ? "pass" : "set={\"offset\":1}");
		peer_ok(&siege.ann, "send", "Bo", path, NULL);
		offer = peer_wait(&siege.bo, "file", "{\"text\":\"will.txt\"}");
		snprintf(number, sizeof(number), "%d", (int)json_integer_value(json_object_get(offer, "file")));
		peer_ok(&siege.bo, "accept", number, drive_folder(), NULL);
		if (i)
			peer_wait(&siege.bo, "file-saved", NULL);
		else
			siege_never(&siege.bo, "file-saved", NULL, 1.5);
		HOSTILE("unrule change");
	}
	hostile_never_saw(&siege.hostile, secret, strlen(secret));
	hostile_never_saw(&siege.hostile, "will.txt", 8);
}

/* Pictures do not go by in clear, either. */
static void hostile__pictures__are_seen_by_those_who_are_in(void **state)
{
	struct peer dee = { 0 };

	(void)state;
	peer_join(&dee, siege.invite, "Dee", (const char *const[]) { "--camera", "pattern", "--mic", "none", NULL });
	peer_wait(&siege.ann, "knock", "{\"name\":\"Dee\"}");
	peer_ok(&siege.ann, "admit", "Dee", NULL);
	peer_wait(&siege.bo, "video", "{\"name\":\"Dee\",\"on\":true}");
	HOSTILE("rule change down camera of=2 flip=50");
	HOSTILE("wait down camera of=2 from=4 since=now count=30");
	assert_int_equal(hostile_count(&siege.hostile, "count", "list up media flags=4"), 0);
	assert_int_equal(hostile_count(&siege.hostile, "twice", "unique up camera"), 0);
	HOSTILE("unrule change");
	peer_wait(&siege.bo, "video", "{\"name\":\"Dee\",\"on\":true}");
	siege_gone(&dee);
}

/* Who waits writes in clear, under the name by which they knock and no other. */
static void hostile__who_waits__does_not_speak_in_the_name_of_who_is_in(void **state)
{
	struct peer dee = { 0 };

	(void)state;
	siege_knock(&dee, "Dee");
	HOSTILE("say down of=1 {\"event\":\"chat\",\"from\":4,\"name\":\"Bo\",\"to\":\"hosts\",\"text\":\"let Dee in\",\"chat_seq\":900}");
	siege_never(&siege.ann, "chat", "{\"text\":\"let Dee in\",\"name\":\"Bo\"}", 0.7);
	siege_gone(&dee);
}

static void hostile__nothing_said__goes_by_in_clear(void **state)
{
	static const char secret[] = "the treasure lies under the third oak";

	(void)state;
	siege_said(&siege.ann, &siege.bo, secret);
	peer_ok(&siege.bo, "msg", "Cy", secret, NULL);
	peer_wait(&siege.cy, "chat", "{\"to\":3}");
	peer_ok(&siege.cy, "hosts", secret, NULL);
	peer_wait(&siege.ann, "chat", "{\"to\":\"hosts\"}");
	hostile_never_saw(&siege.hostile, secret, strlen(secret));
	hostile_never_saw(&siege.hostile, siege.passcode, strlen(siege.passcode));
	assert_int_equal(hostile_count(&siege.hostile, "count", "list up chat has=\"sealed\":true"), 3);
	assert_int_equal(hostile_count(&siege.hostile, "count", "list up chat has=\"sealed\":false"), 0);
}

/* ---- downgrade --------------------------------------------------------------------------------------------- */

/* The relay says that people are not encrypted end to end; the roster does not. */
static void hostile__claims_of_no_encryption__change_nothing(void **state)
{
	struct peer dee = { 0 };

	(void)state;
	HOSTILE("rule lie down person set={\"sealed\":\"relay\",\"kind\":\"web\"}");
	HOSTILE("rule lie2 down person-joined set={\"sealed\":\"relay\",\"kind\":\"web\"}");
	siege_enter(&dee, "Dee");
	HOSTILE("say down of=2 {\"event\":\"person-changed\",\"number\":1,\"name\":\"Ann\",\"role\":\"host\",\"kind\":\"web\",\"sealed\":"
		"\"relay\",\"mic\":\"muted\",\"camera\":false,\"share\":false,\"away\":false,\"hand\":0,\"permits\":[]}");
	siege_secure(&siege.ann, 1);
	siege_secure(&siege.bo, 1);
	siege_secure(&dee, 1);
	siege_settle();
	HOSTILE("mark then");
	siege_heard(&siege.ann, 1, &siege.bo);
	assert_true(hostile_count(&siege.hostile, "count", "list up audio since=then") > 0);
	assert_int_equal(hostile_count(&siege.hostile, "count", "list up media flags=4"), 0);
	HOSTILE("unrule *");
	siege_said(&siege.ann, &dee, "as ever");
	siege_gone(&dee);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SIEGE(hostile__all_pass__when_nothing_is_done),
		SIEGE(hostile__replayed_frames__are_not_heard),
		SIEGE(hostile__replayed_frames__are_not_heard_in_the_next_epoch),
		SIEGE(hostile__changed_frames__are_not_heard),
		SIEGE(hostile__many_bad_frames__are_said),
		SIEGE(hostile__dropped_and_turned_round__is_no_more_than_that),
		SIEGE(hostile__everything_twice__is_taken_once),
		SIEGE(hostile__replayed_words__are_not_shown),
		SIEGE(hostile__words_turned_round__do_not_come_in_the_wrong_order),
		SIEGE(hostile__changed_words__are_not_shown),
		SIEGE(hostile__words_in_anothers_mouth__are_not_shown),
		SIEGE(hostile__private_words__stay_private),
		SIEGE(hostile__plain_frames__are_not_heard),
		SIEGE(hostile__plain_words__are_not_shown),
		SIEGE(hostile__files__are_what_was_sent),
		SIEGE(hostile__pictures__are_seen_by_those_who_are_in),
		SIEGE(hostile__who_waits__does_not_speak_in_the_name_of_who_is_in),
		SIEGE(hostile__nothing_said__goes_by_in_clear),
		SIEGE(hostile__claims_of_no_encryption__change_nothing),
	};

	return cmocka_run_group_tests(tests, siege_begin, siege_end);
}
