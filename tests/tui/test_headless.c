/* What counts as the event that a tester waits for; and letters from threads to the loop. */
#include <errno.h>
#include <jansson.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "net/loop.h"
#include "tui/expect.h"
#include "tui/mailbox.h"

static void expect_matches__subsets(void **state)
{
	static const struct {
		const char *where, *event;
		bool matches;
	} cases[] = {
		{ "{}", "{\"event\":\"chat\"}", true },
		{ "{\"text\":\"hi\"}", "{\"event\":\"chat\",\"text\":\"hi\",\"from\":2}", true },
		{ "{\"text\":\"hi\"}", "{\"event\":\"chat\",\"text\":\"hi there\"}", false },
		{ "{\"from\":2}", "{\"from\":2,\"name\":\"Bo\"}", true },
		{ "{\"from\":2.0}", "{\"from\":2}", true },
		{ "{\"from\":3}", "{\"from\":2}", false },
		{ "{\"from\":\"Bo\"}", "{\"from\":2,\"name\":\"Bo\"}", true },
		{ "{\"from\":\"Cy\"}", "{\"from\":2,\"name\":\"Bo\"}", false },
		{ "{\"number\":\"Bo\"}", "{\"number\":2,\"name\":\"Bo\"}", true },
		{ "{\"by\":\"Ann\"}", "{\"number\":2,\"name\":\"Bo\",\"by\":1,\"by_name\":\"Ann\"}", true },
		{ "{\"by\":\"Bo\"}", "{\"number\":2,\"name\":\"Bo\",\"by\":1,\"by_name\":\"Ann\"}", false },
		{ "{\"to\":\"Dee\"}", "{\"to\":4}", true },
		{ "{\"to\":\"Bo\"}", "{\"to\":4}", false },
		{ "{\"to\":\"hosts\"}", "{\"to\":\"hosts\"}", true },
		{ "{\"all\":false}", "{\"event\":\"muted\"}", true },
		{ "{\"all\":true}", "{\"event\":\"muted\"}", false },
		{ "{\"hand\":0,\"code\":\"\"}", "{\"name\":\"Bo\"}", true },
		{ "{\"hand\":1}", "{\"hand\":true}", false },
		{ "{\"text\":null}", "{\"name\":\"Bo\"}", true },
		{ "{\"permits\":[\"share\"]}", "{\"permits\":[\"share\"]}", true },
		{ "{\"permits\":[]}", "{\"permits\":[\"share\"]}", false },
		{ "{\"me\":{\"name\":\"Bo\"}}", "{\"me\":{\"name\":\"Bo\",\"number\":2}}", true },
	};
	struct event dee = { .kind = EVENT_PERSON,
			     .person = { .number = 4, .name = "Dee", .role = ROLE_PARTICIPANT } };
	struct roster roster;

	(void)state;
	roster_init(&roster);
	assert_int_equal(roster_apply(&roster, &dee), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *where = json_loads(cases[i].where, 0, NULL),
		       *event = json_loads(cases[i].event, 0, NULL);

		assert_non_null(where);
		assert_non_null(event);
		if (expect_matches(where, event, &roster) != cases[i].matches)
			fail_msg("%s against %s", cases[i].where, cases[i].event);
		json_decref(where);
		json_decref(event);
	}
	roster_clear(&roster);
}

enum { LETTERS = 200 };

struct post {
	struct loop *loop;
	struct mailbox *mailbox;
	uint32_t seen;
};

static void on_letter(void *arg, const struct letter *letter)
{
	struct post *post = arg;

	assert_int_equal(letter->kind, post->seen);
	assert_int_equal(letter->n, 3);
	assert_memory_equal(letter->bytes, "abc", 3);
	if (++post->seen == LETTERS)
		loop_stop(post->loop);
}

static void *write_letters(void *arg)
{
	struct post *post = arg;

	for (uint32_t i = 0; i < LETTERS; i++)
		if (mailbox_post(post->mailbox,
				 &(struct letter) { .kind = i, .n = 3, .bytes = (const uint8_t *)"abc" }) < 0)
			return post;
	return NULL;
}

static void mailbox__delivers_in_order_from_a_thread(void **state)
{
	struct post post = { .loop = loop_new() };
	pthread_t thread;
	void *failed;

	(void)state;
	post.mailbox = mailbox_new(post.loop, on_letter, &post);
	assert_non_null(post.mailbox);
	assert_int_equal(pthread_create(&thread, NULL, write_letters, &post), 0);
	assert_int_equal(loop_run(post.loop), 0);
	pthread_join(thread, &failed);
	assert_null(failed);
	assert_int_equal(post.seen, LETTERS);
	mailbox_free(post.mailbox);
	loop_free(post.loop);
}

static void mailbox__is_bounded_and_free_at_any_time(void **state)
{
	static uint8_t big[MAILBOX_BYTES_MAX / 4 + 1];
	struct post post = { .loop = loop_new() };
	int posted = 0;

	(void)state;
	post.mailbox = mailbox_new(post.loop, on_letter, &post);
	assert_non_null(post.mailbox);
	while (posted < 1000 &&
	       mailbox_post(post.mailbox, &(struct letter) { .n = sizeof(big), .bytes = big }) == 0)
		posted++;
	assert_int_equal(posted, 3);
	while (posted < 1000 && mailbox_post(post.mailbox, &(struct letter) { .kind = 0 }) == 0)
		posted++;
	assert_int_equal(posted, MAILBOX_LETTERS_MAX);
	/* Nothing of it is delivered, and nothing is lost for good. */
	mailbox_free(post.mailbox);
	mailbox_free(NULL);
	loop_free(post.loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expect_matches__subsets),
		cmocka_unit_test(mailbox__delivers_in_order_from_a_thread),
		cmocka_unit_test(mailbox__is_bounded_and_free_at_any_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
