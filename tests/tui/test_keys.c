#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tui/command.h"
#include "tui/keys.h"
#include "tui/prompt.h"

static void keys_find__finds__each_of_the_table(void **state)
{
	(void)state;
	for (const struct key_binding *binding = keys_table(); binding->name; binding++)
		assert_ptr_equal(keys_find(binding->key), binding);
	assert_null(keys_find('x'));
	assert_null(keys_find(0));
}

/* What readline's users have in their fingers is not bound over. */
static void keys_table__leaves__the_prompts_keys(void **state)
{
	(void)state;
	for (const struct key_binding *binding = keys_table(); binding->name; binding++) {
		struct prompt *prompt = prompt_new(NULL);

		assert_int_equal(prompt_key(prompt, binding->key, NULL), PROMPT_UNUSED);
		prompt_free(prompt);
	}
}

static void runs(const char *line)
{
	char word[32];
	size_t n;

	if (!line)
		return;
	assert_int_equal(line[0], '/');
	n = strcspn(line + 1, " ");
	memcpy(word, line + 1, n);
	word[n] = '\0';
	assert_non_null(command_find(word, NULL));
}

static void keys_table__names__commands_there_are(void **state)
{
	(void)state;
	for (const struct key_binding *binding = keys_table(); binding->name; binding++) {
		runs(binding->line);
		runs(binding->other);
	}
}

/* Laptops and tmux take function keys away: whatever one does, another key does, too. */
static void keys_table__binds__nothing_to_function_keys_alone(void **state)
{
	(void)state;
	for (const struct key_binding *binding = keys_table(); binding->name; binding++) {
		bool other = false;

		if (binding->key != KEYS_F1 && binding->key != KEYS_PAGE_UP && binding->key != KEYS_PAGE_DOWN)
			continue;
		for (const struct key_binding *also = keys_table(); also->name; also++)
			other |= also != binding && also->act == binding->act;
		assert_true(other);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_find__finds__each_of_the_table),
		cmocka_unit_test(keys_table__leaves__the_prompts_keys),
		cmocka_unit_test(keys_table__names__commands_there_are),
		cmocka_unit_test(keys_table__binds__nothing_to_function_keys_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
