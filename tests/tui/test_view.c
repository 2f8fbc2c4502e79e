/* Screens of meetings that never were, built by hand and compared as text; and the same with hostile people
 * at every size, for the sanitiser. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/policy.h"
#include "tests/tui/golden.h"
#include "tui/keys.h"
#include "tui/prompt.h"
#include "tui/view.h"

static struct person people[64];
static uint64_t looks[64];
static struct knocker waiting[8];
static struct roster roster;
static struct view_state view;
static struct chatlog *chat;
static struct prompt *prompt;

/* 2026-03-14 09:26:00 UTC, and minutes after it. */
#define MINUTE(m) (1773480360000LL + (m)*60000LL)

static struct person *enter(const char *name, enum role role, enum mic mic, bool camera)
{
	struct person *person = &people[roster.people_count++];

	memset(person, 0, sizeof(*person));
	person->number = (uint32_t)roster.people_count;
	looks[roster.people_count - 1] = roster.people_count;
	snprintf(person->name, sizeof(person->name), "%s", name);
	person->role = role;
	person->mic = mic;
	person->camera = camera;
	return person;
}

static void knock(const char *name, int64_t since_ms)
{
	struct knocker *knocker = &waiting[roster.waiting_count++];

	knocker->number = (uint32_t)(50 + roster.waiting_count);
	snprintf(knocker->name, sizeof(knocker->name), "%s", name);
	knocker->since_ms = since_ms;
	knocker->look = 100 + roster.waiting_count;
}

static void say(int minute, const char *name, const char *text)
{
	chatlog_add(chat, LINE_CHAT, MINUTE(minute), !strcmp(name, "Ann"), name, NULL, text);
}

static void secured(enum security security)
{
	static const char *const texts[] = {
		[SECURITY_NONE] = "",
		[SECURITY_VERIFIED] = "End-to-end encrypted, host verified",
		[SECURITY_NOT_VERIFIED] = "End-to-end encrypted, not verified: compare the code",
		[SECURITY_TO_RELAY] = "Encrypted to the relay only: the relay can see and hear, because Bo joined by web/phone",
		[SECURITY_PAUSED] = "Paused: security check failed (fork)",
	};

	memset(&view.security, 0, sizeof(view.security));
	view.security.state = security;
	snprintf(view.security.text, sizeof(view.security.text), "%s", texts[security]);
	if (security == SECURITY_PAUSED)
		strcpy(view.security.reason, "fork");
}

static int up(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
	memset(&roster, 0, sizeof(roster));
	memset(&view, 0, sizeof(view));
	memset(people, 0, sizeof(people));
	memset(waiting, 0, sizeof(waiting));
	chat = chatlog_new(100);
	prompt = prompt_new(NULL);
	struct policy policy;
	policy_init(&policy);
	memcpy(roster.control, policy.value, sizeof(roster.control));
	roster.presence = PRESENCE_IN;
	roster.people = people;
	roster.looks = looks;
	roster.waiting = waiting;
	roster.me = 1;
	strcpy(roster.id, "482913775");
	strcpy(roster.title, "Ann's meeting");
	view.roster = &roster;
	view.chatlog = chat;
	view.prompt = prompt;
	secured(SECURITY_VERIFIED);
	view.now_ms = MINUTE(12);
	view.elapsed_s = 754;
	view.has_mic = view.mic_on = true;
	view.mic_level = 33;
	return 0;
}

static int down(void **state)
{
	(void)state;
	chatlog_free(chat);
	prompt_free(prompt);
	return 0;
}

/* Three in the room, one at the door, a talk in two scripts. */
static void meeting(bool cameras)
{
	struct person *person;

	enter("Ann", ROLE_HOST, MIC_ON, cameras);
	enter("Bo", ROLE_PARTICIPANT, MIC_ON, cameras);
	person = enter("Ελένη", ROLE_COHOST, MIC_MUTED, cameras);
	person->hand = 1;
	person = enter("王伟", ROLE_PARTICIPANT, MIC_NONE, false);
	person->kind = KIND_HEADLESS;
	person = enter("Dee", ROLE_PARTICIPANT, MIC_MUTED, false);
	person->away = true;
	knock("Eve", MINUTE(11) + 26000);
	view.speaking[0] = view.speaker = 2;
	view.speaking_count = 1;
	chatlog_add(chat, LINE_EVENT, MINUTE(0), false, NULL, NULL, "You are in as Ann (host).");
	chatlog_add(chat, LINE_EVENT, MINUTE(1), false, NULL, NULL, "Bo came in.");
	say(2, "Ann", "Good morning! Can everybody hear me?");
	say(2, "Bo", "Loud and clear.");
	say(3, "Ελένη", "Καλημέρα σε όλους. Σήμερα έχουμε τρία θέματα και ύστερα κάνουμε ένα διάλειμμα.");
	say(4, "王伟", "大家早上好,我们开始吧。今天的会议有三个议题,然后休息一下。");
	say(5, "Bo", "👍🏽 fine with me 🇬🇷");
	chatlog_add(chat, LINE_DIRECT, MINUTE(6), false, "Bo", "you", "is Dee still with us?");
	chatlog_add(chat, LINE_WARNING, MINUTE(11), false, NULL, NULL,
		    "The microphone is gone; sending silence.");
	view.read = 7;
	view.status_kind = VIEW_STATUS_PLAIN;
	strcpy(view.status, "Eve waits at the door.");
}

static void shows(const char *name, int rows, int cols)
{
	struct canvas canvas = { 0 };
	struct view_layout layout;

	assert_int_equal(canvas_init(&canvas, rows, cols), 0);
	view_draw(&canvas, &view, &layout);
	/* Pictures as a painter would fill them. */
	for (size_t i = 0; i < layout.picture_count; i++) {
		char mark[2] = { (char)('a' + i), '\0' };

		assert_true(layout.picture[i].rect.rows > 0 && layout.picture[i].rect.cols > 0);
		canvas_fill(&canvas, layout.picture[i].rect, STYLE_NORMAL, mark);
	}
	golden_check(&canvas, name);
	canvas_clear(&canvas);
}

static void type(const char *text)
{
	prompt_paste(prompt, text, strlen(text));
}

static void view_draw__shows__a_meeting_at_every_size(void **state)
{
	(void)state;
	meeting(true);
	type("/adm");
	shows("meeting-80x24", 24, 80);
	shows("meeting-200x60", 60, 200);
	shows("meeting-40x12", 12, 40);
	shows("meeting-120x40", 40, 120);
	view.people = true;
	shows("people-40x12", 12, 40);
}

static void view_draw__gives_the_chat__the_room_without_pictures(void **state)
{
	(void)state;
	meeting(false);
	shows("talk-80x24", 24, 80);
	shows("talk-120x40", 40, 120);
}

static void view_draw__tiles__a_gallery(void **state)
{
	(void)state;
	meeting(true);
	enter("Fay", ROLE_PARTICIPANT, MIC_ON, true);
	view.mode = APP_VIEW_GALLERY;
	shows("gallery-80x24", 24, 80);
	shows("gallery-200x60", 60, 200);
}

static void view_draw__shows__the_pinned_and_the_share(void **state)
{
	struct view_layout layout;
	struct canvas canvas = { 0 };

	(void)state;
	meeting(true);
	canvas_init(&canvas, 24, 80);
	view_draw(&canvas, &view, &layout);
	assert_int_equal(layout.picture[0].number, 2);
	assert_int_equal(layout.picture[0].layer, VIDEO_SMALL);
	view.pinned = 3;
	view_draw(&canvas, &view, &layout);
	assert_int_equal(layout.picture[0].number, 3);
	view.pinned = 0;
	roster.spotlight = 3;
	view_draw(&canvas, &view, &layout);
	assert_int_equal(layout.picture[0].number, 3);
	roster.sharer = 2;
	view_draw(&canvas, &view, &layout);
	assert_int_equal(layout.picture[0].number, 2);
	assert_int_equal(layout.picture[0].layer, VIDEO_SCREEN);
	view.mode = APP_VIEW_OFF;
	view_draw(&canvas, &view, &layout);
	assert_int_equal(layout.picture_count, 0);
	canvas_clear(&canvas);
	view.mode = APP_VIEW_SPEAKER;
	roster.sharer = roster.spotlight = 0;
	canvas_init(&canvas, 80, 300);
	view_draw(&canvas, &view, &layout);
	assert_int_equal(layout.picture[0].layer, VIDEO_LARGE);
	assert_true(layout.picture_count > 1);
	assert_int_equal(layout.picture[1].layer, VIDEO_SMALL);
	canvas_clear(&canvas);
}

static void view_draw__shows__the_time_before(void **state)
{
	struct roster nobody = { .presence = PRESENCE_OUT };

	(void)state;
	secured(SECURITY_NONE);
	view.roster = &nobody;
	view.relay = "meet.example.org:45551";
	view.elapsed_s = -1;
	shows("connecting-80x24", 24, 80);
	view.question = "Nobody vouches for the relay meet.example.org:45551.\n\nThe pin of its key is\n"
			"kq3vX5YwJt0mA9bD2cE4fG6hI8jK0lM2nO4pQ6rS8tU=\n\nCompare it with the one you were "
			"given. Connect, and "
			"remember this pin?";
	shows("trust-80x24", 24, 80);
	shows("trust-40x12", 12, 40);
	view.question = NULL;
	nobody.presence = PRESENCE_WAITING;
	strcpy(nobody.title, "Ann's meeting");
	chatlog_add(chat, LINE_WAITING, MINUTE(1), false, "Ann", NULL, "five minutes, please");
	shows("waiting-80x24", 24, 80);
	shows("waiting-40x12", 12, 40);
}

static void view_draw__tells__a_lost_line_and_a_lock(void **state)
{
	(void)state;
	meeting(false);
	roster.control[CONTROL_LOCK] = 1;
	view.line_attempt = 3;
	view.mic_on = false;
	shows("lost-80x24", 24, 80);
	shows("lost-40x12", 12, 40);
}

static void view_draw__draws__in_ascii(void **state)
{
	struct canvas canvas = { 0 };

	(void)state;
	memset(people, 0, sizeof(people));
	enter("Ann", ROLE_HOST, MIC_ON, true);
	enter("Bo", ROLE_PARTICIPANT, MIC_ON, false);
	say(1, "Bo", "hi");
	canvas_init(&canvas, 24, 80);
	canvas.ascii = true;
	view_draw(&canvas, &view, NULL);
	for (int i = 0; i < 24 * 80; i++)
		assert_true(!(canvas.cell[i].text[0] & 0x80));
	golden_check(&canvas, "ascii-80x24");
	canvas_clear(&canvas);
}

static void view_draw__pages__help(void **state)
{
	char *text = view_help_text(true), *fewer = view_help_text(false);

	(void)state;
	meeting(true);
	assert_non_null(text);
	assert_non_null(strstr(text, "/kick"));
	assert_null(strstr(fewer, "/kick"));
	assert_non_null(strstr(fewer, "/raise"));
	view.overlay_title = "Help";
	view.overlay = text;
	shows("help-80x24", 24, 80);
	view.overlay_row = 10000;
	shows("help-end-40x12", 12, 40);
	free(text);
	free(fewer);
}

static void view_draw__says__too_small(void **state)
{
	(void)state;
	meeting(true);
	shows("small-10x3", 3, 10);
}

/* ---- how far it is encrypted ---- */

static void title_of(char title[static 1024], enum style *style, int cols)
{
	struct canvas canvas = { 0 };
	char *dump;

	assert_int_equal(canvas_init(&canvas, 24, cols), 0);
	view_draw(&canvas, &view, NULL);
	dump = canvas_dump(&canvas);
	snprintf(title, 1024, "%.*s", (int)strcspn(dump, "\n"), dump);
	*style = STYLE_NORMAL;
	for (int col = 0; col < cols; col++)
		if (canvas.cell[col].style >= STYLE_VERIFIED && canvas.cell[col].style <= STYLE_PAUSED)
			*style = (enum style)canvas.cell[col].style;
	free(dump);
	canvas_clear(&canvas);
}

/* A whole form of the sentence, on every width, whatever else there is to say. */
static void view_title__says__one_whole_sentence(void **state)
{
	static const struct {
		enum security security;
		const char *form[3];
		enum style style;
	} cases[] = {
		{ SECURITY_VERIFIED, { "End-to-end encrypted, host verified", "E2E verified" }, STYLE_VERIFIED },
		{ SECURITY_NOT_VERIFIED,
		  { "End-to-end encrypted, not verified: compare the code", "E2E, compare code" },
		  STYLE_COMPARE },
		{ SECURITY_TO_RELAY,
		  { "Encrypted to the relay only: the relay can see and hear, because Bo joined by web/phone", "RELAY CAN HEAR" },
		  STYLE_HEARD },
		{ SECURITY_PAUSED, { "Paused: security check failed (fork)", "PAUSED: fork", "PAUSED" }, STYLE_PAUSED },
		{ SECURITY_NONE, { "Joining" }, STYLE_NORMAL },
	};

	(void)state;
	meeting(true);
	for (int busy = 0; busy < 2; busy++)
		for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			secured(cases[i].security);
			for (int cols = VIEW_COLS_MIN; cols < 220; cols++) {
				enum style style;
				char title[1024];
				bool found = false;

				title_of(title, &style, cols);
				for (size_t f = 0; f < 3 && cases[i].form[f]; f++)
					found |= strstr(title, cases[i].form[f]) != NULL;
				if (!found)
					fail_msg("%d columns: %s", cols, title);
				assert_int_equal(style, cases[i].style);
			}
			roster.control[CONTROL_LOCK] = busy;
			roster.people[0].record = busy;
			view.line_attempt = (unsigned)busy;
		}
}

static void view_title__says_all__where_there_is_room(void **state)
{
	enum style style;
	char title[1024];

	(void)state;
	meeting(true);
	secured(SECURITY_TO_RELAY);
	title_of(title, &style, 140);
	assert_non_null(strstr(title, "because Bo joined by web/phone"));
	title_of(title, &style, 80);
	assert_string_equal(title, " Ann's meeting  482-913-775  RELAY CAN HEAR          [1 waiting]  5 here  12:34");
	secured(SECURITY_NOT_VERIFIED);
	roster.waiting_count = 0;
	title_of(title, &style, 80);
	assert_non_null(strstr(title, "not verified: compare the code"));
	assert_non_null(strstr(title, "5 here"));
}

static void view_draw__cannot_be_missed__when_the_relay_hears(void **state)
{
	(void)state;
	meeting(true);
	roster.people[1].kind = KIND_WEB;
	secured(SECURITY_TO_RELAY);
	view.security.consent_due = true;
	view.security.heard_by = 2;
	shows("heard-80x24", 24, 80);
	shows("heard-120x40", 40, 120);
	shows("heard-40x12", 12, 40);
	shows("heard-20x6", 6, 20);
	roster.record_asked = true;
	roster.recorder = 3;
	shows("heard-and-asked-80x24", 24, 80);
	view.security.consent_due = false;
	shows("heard-agreed-80x24", 24, 80);
}

static void view_draw__cannot_be_missed__when_nothing_is_sent(void **state)
{
	(void)state;
	meeting(true);
	secured(SECURITY_PAUSED);
	shows("paused-80x24", 24, 80);
	shows("paused-40x12", 12, 40);
}

static void view_people__marks__whose_keys_are_not_as_they_should_be(void **state)
{
	static const struct app_mark marks[] = { { 2, false, true }, { 3, true, false }, { 4, true, false }, { 5, true, true } };

	(void)state;
	meeting(false);
	view.marks = marks;
	view.mark_count = 4;
	assert_null(view_mark(&view, 1));
	assert_null(view_mark(&view, 6));
	assert_ptr_equal(view_mark(&view, 5), &marks[3]);
	shows("marks-80x24", 24, 80);
	shows("marks-200x60", 60, 200);
	view.people = true;
	shows("marks-40x12", 12, 40);
}

static const char code_page[] =
	"Bo draws the keys: let Bo read this code aloud.\n"
	"41729 00318 55502 90871\n66613 24680 13579 98765\n"
	"The same: /verify yes. If not, /leave: somebody is in between.";

static void view_overlay__draws_a_code__large_where_there_is_room(void **state)
{
	struct canvas canvas = { 0 };

	(void)state;
	meeting(false);
	view.overlay_title = "/verify";
	view.overlay = code_page;
	view.overlay_code = "41729 00318 55502 90871 66613 24680 13579 98765";
	shows("code-80x24", 24, 80);
	shows("code-200x60", 60, 200);
	shows("code-74x18", 18, 74);
	shows("code-40x12", 12, 40);
	canvas_init(&canvas, 30, 120);
	canvas.ascii = true;
	view_draw(&canvas, &view, NULL);
	for (int i = 0; i < 30 * 120; i++)
		assert_true(!(canvas.cell[i].text[0] & 0x80));
	golden_check(&canvas, "code-ascii-120x30");
	canvas_clear(&canvas);
}

static void view_code__stays__inside(void **state)
{
	(void)state;
	for (int rows = 0; rows < 40; rows++)
		for (int cols = 0; cols < 120; cols++)
			for (int ascii = 0; ascii < 2; ascii++) {
				const int used = view_code_rows(rows, cols, ascii);

				assert_in_range(used, 0, rows);
				if (rows >= 9 && cols >= 70 && !ascii)
					assert_true(used > 0);
			}
}

/* ---- scrolling ---- */

static void scroll(int rows)
{
	view_chat_scroll(chat, &view.chat, 21, 57, rows);
}

static void view_chat_scroll__goes__up_and_down(void **state)
{
	char text[64];

	(void)state;
	meeting(false);
	for (int i = 0; i < 60; i++) {
		snprintf(text, sizeof(text), "line number %d", i);
		say(20, "Bo", text);
	}
	view.read = chatlog_last(chat);
	scroll(19);
	assert_int_equal(view.chat.serial, chatlog_last(chat) - 19);
	say(21, "Bo", "something new");
	shows("scrolled-80x24", 24, 80);
	scroll(-5);
	assert_int_equal(view.chat.serial, chatlog_last(chat) - 15);
	scroll(-1000);
	assert_int_equal(view.chat.serial, 0);
	scroll(-1);
	assert_int_equal(view.chat.serial, 0);
	scroll(100000);
	shows("oldest-80x24", 24, 80);
	scroll(100000);
	shows("oldest-80x24", 24, 80);
}

static void view_chat_scroll__survives__lines_that_go(void **state)
{
	(void)state;
	meeting(false);
	for (int i = 0; i < 80; i++)
		say(20, "Bo", "filler");
	scroll(60);
	for (int i = 0; i < 500; i++)
		say(20, "Bo", "more");
	scroll(3);
	scroll(-3);
	shows("scrolled-away-80x24", 24, 80);
}

/* ---- hostile ---- */

static const char *const hostile[] = {
	"\x1b[2J\x1b[31m\x1b]0;owned\x07",
	"\xe2\x80\xae\xe2\x80\xab txet sdrawkcab",
	"a\xCC\x81\xCC\x81\xCC\x81\xCC\x81\xCC\x81\xCC\x81\xCC\x81\xCC\x81\xCC\x81",
	"\xff\xfe\x80\xc0\xaf",
	"\r\r\r\b\b\b\v\f",
	"𒐫𒐫𒐫﷽﷽﷽",
	"👨‍👩‍👧‍👦👨‍👩‍👧‍👦🏳️‍🌈🇬🇷🇬",
	"한국어 กำลัง हिन्दी",
};

/* Whatever comes, every cell holds at most one cluster without a control, and wide ones come in two halves.
 */
static void sane(const struct canvas *canvas)
{
	for (int i = 0; i < canvas->rows * canvas->cols; i++) {
		const char *text = canvas->cell[i].text;

		if (text[0] == '\0')
			assert_true(i % canvas->cols > 0 && canvas->cell[i - 1].text[0] != '\0');
		for (; *text; text++)
			assert_true((unsigned char)*text >= 0x20 && *text != 0x7F);
		assert_null(strstr(canvas->cell[i].text, "\xe2\x80\xae"));
	}
}

static void view_draw__stays__inside_whatever_peers_send(void **state)
{
	static const struct app_mark marks[] = { { 1, false, true }, { 3, true, true } };
	static char huge[10 * 1024 + 1];

	(void)state;
	memset(huge, 'W', sizeof(huge) - 1);
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		struct person *person = enter(hostile[i], ROLE_PARTICIPANT, MIC_ON, i % 2);

		person->hand = 4000000000u;
		person->share = person->away = i % 3;
		person->kind = (enum kind)(i % KIND_COUNT);
		say(1, hostile[i], hostile[i]);
		chatlog_add(chat, LINE_DIRECT, MINUTE(1), i % 2, hostile[i], hostile[i], hostile[i]);
		chatlog_add(chat, LINE_EVENT, INT64_MAX, false, NULL, NULL, hostile[i]);
		knock(hostile[i], INT64_MIN / 2);
	}
	say(1, "Bo", huge);
	snprintf(roster.title, sizeof(roster.title), "%s", hostile[0]);
	snprintf(view.status, sizeof(view.status), "%s", hostile[1]);
	view.status_kind = VIEW_STATUS_WARNING;
	roster.sharer = 1;
	for (int rows = 1; rows < 70; rows += rows < 26 ? 1 : 9)
		for (int cols = 1; cols < 310; cols += cols < 42 ? 3 : 29) {
			struct canvas canvas = { 0 };
			struct view_layout layout;

			assert_int_equal(canvas_init(&canvas, rows, cols), 0);
			for (int mode = 0; mode < 3; mode++) {
				view.mode = (enum app_view)mode;
				view.people = mode == 1;
				view.overlay = mode == 2 ? huge : NULL;
				view.overlay_code = mode == 2 ? hostile[6] : NULL;
				secured((enum security)((rows + cols + mode) % 5));
				view.security.consent_due = rows % 2;
				view.security.heard_by = 1;
				view.marks = marks;
				view.mark_count = 2;
				view.chat = (struct chat_position) { mode == 1 ? 10 : 0, 3 };
				view_draw(&canvas, &view, &layout);
				sane(&canvas);
				for (size_t i = 0; i < layout.picture_count; i++) {
					struct rect rect = layout.picture[i].rect;

					assert_true(rect.row >= 0 && rect.col >= 0 && rect.rows > 0 &&
						    rect.cols > 0);
					assert_true(rect.row + rect.rows <= rows &&
						    rect.col + rect.cols <= cols);
				}
			}
			canvas_clear(&canvas);
		}
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, up, down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(view_draw__shows__a_meeting_at_every_size),
		CASE(view_draw__gives_the_chat__the_room_without_pictures),
		CASE(view_draw__tiles__a_gallery),
		CASE(view_draw__shows__the_pinned_and_the_share),
		CASE(view_draw__shows__the_time_before),
		CASE(view_draw__tells__a_lost_line_and_a_lock),
		CASE(view_draw__draws__in_ascii),
		CASE(view_draw__pages__help),
		CASE(view_draw__says__too_small),
		CASE(view_title__says__one_whole_sentence),
		CASE(view_title__says_all__where_there_is_room),
		CASE(view_draw__cannot_be_missed__when_the_relay_hears),
		CASE(view_draw__cannot_be_missed__when_nothing_is_sent),
		CASE(view_people__marks__whose_keys_are_not_as_they_should_be),
		CASE(view_overlay__draws_a_code__large_where_there_is_room),
		CASE(view_code__stays__inside),
		CASE(view_chat_scroll__goes__up_and_down),
		CASE(view_chat_scroll__survives__lines_that_go),
		CASE(view_draw__stays__inside_whatever_peers_send),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
