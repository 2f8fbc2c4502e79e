/* Handing out an invite and coming by one, up to the connection: nobody listens where these lead. */
#include <qrencode.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "net/host_secrets.h"
#include "tests/e2e/stage.h"

#define PIN     "Vk9JmA5RQKwa+wsY7aFggsbcVT09sb9rf/GMaBZGTNc="
#define URL_PIN "Vk9JmA5RQKwa-wsY7aFggsbcVT09sb9rf_GMaBZGTNc"
#define SECRETS "#k=AgICAgICAgICAgICAgICAg&h=AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM&r=" URL_PIN
/* Nobody is there: the way ends at the connection, exit status 3. */
#define LINK "moot://127.0.0.1:1/482-913-775" SECRETS

enum { STATUS_BAD = 2, STATUS_NO_RELAY = 3 };

/* A fresh state folder; a static buffer. */
static const char *new_home(void)
{
	static char home[DRIVE_PATH];
	static unsigned count;

	snprintf(home, sizeof(home), "%s/invite%u", drive_folder(), count++);
	assert_int_equal(mkdir(home, 0700), 0);
	return home;
}

static const char *write_file(const char *folder, const char *name, const char *text)
{
	static char path[2 * DRIVE_PATH];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
	return path;
}

struct said {
	int status;
	char out[16384], err[8192];
};

/* moot WORD… up to NULL, in this state folder. A static buffer. */
static const struct said *moot(const char *home, const char *word, ...)
{
	static struct said said;
	const char *argv[20] = { drive_program("moot"), word };
	char *out, *err;
	int n = 2;
	va_list ap;

	va_start(ap, word);
	while ((argv[n] = va_arg(ap, const char *)) != NULL)
		n++;
	va_end(ap);
	argv[n++] = "--home";
	argv[n++] = home;
	argv[n] = NULL;
	said.status = drive_run(argv, "", &out, &err);
	snprintf(said.out, sizeof(said.out), "%s", out);
	snprintf(said.err, sizeof(said.err), "%s", err);
	free(out);
	free(err);
	return &said;
}

#define JOIN "--headless", "--name", "Bo"

static void check(const struct said *said, int status, const char *out, const char *err)
{
	if (said->status != status || (out && !strstr(said->out, out)) || (err && !strstr(said->err, err)))
		fail_msg("exit %d (not %d)\nout: %s\nerr: %s", said->status, status, said->out, said->err);
}

static struct host_secrets secrets_of(const char *passcode)
{
	struct host_secrets secrets = { .has_link = true, .has_host = true, .pin = PIN };

	memset(secrets.key, 1, sizeof(secrets.key));
	memset(secrets.link, 2, sizeof(secrets.link));
	memset(secrets.host_hash, 3, sizeof(secrets.host_hash));
	snprintf(secrets.passcode, sizeof(secrets.passcode), "%s", passcode);
	return secrets;
}

static void invite__is_printed__from_what_the_host_keeps(void **state)
{
	const char *home = new_home();
	struct host_secrets secrets = secrets_of("314159"), bare = { .key = { 9 } };

	(void)state;
	check(moot(home, "invite", NULL), STATUS_BAD, "", "has opened no meeting");
	assert_int_equal(host_secrets_keep(home, "meet.example:443", "weekly-sync", &bare), 0);
	assert_int_equal(host_secrets_keep(home, "127.0.0.1:1", "482913775", &secrets), 0);
	assert_string_equal(moot(home, "invite", NULL)->out, LINK "\n");
	assert_string_equal(moot(home, "invite", "482-913-775", NULL)->out, LINK "\n");
	assert_string_equal(moot(home, "invite", "482913775", "--relay", "127.0.0.1:1", NULL)->out, LINK "\n");
	check(moot(home, "invite", "weekly-sync", NULL), 0, "moot://meet.example:443/weekly-sync\n", "needs the passcode");
	check(moot(home, "invite", "482913775", "--relay", "127.0.0.1:2", NULL), STATUS_BAD, "", "keeps nothing");
	check(moot(home, "invite", "100-200-300", NULL), STATUS_BAD, "", "keeps nothing");
	check(moot(home, "invite", "--relay", "127.0.0.1:1", NULL), STATUS_BAD, "", "Which meeting");
	/* Others reach the relay by another name. */
	snprintf(secrets.outside, sizeof(secrets.outside), "laptop.example");
	assert_int_equal(host_secrets_keep(home, "127.0.0.1:1", "482913775", &secrets), 0);
	assert_string_equal(moot(home, "invite", NULL)->out, "moot://laptop.example:1/482-913-775" SECRETS "\n");
}

static void invite__of_a_link__is_the_link_without_its_passcode(void **state)
{
	const char *home = new_home();

	(void)state;
	assert_string_equal(moot(home, "invite", LINK "&p=314159", NULL)->out, LINK "\n");
	check(moot(home, "invite", LINK "&k=x", NULL), STATUS_BAD, "", "secret in the invite is damaged");
	check(moot(home, "invite", "no/such/file", NULL), STATUS_BAD, "", "no/such/file cannot be read");
	check(moot(home, "invite", LINK, "--qr", "--seal", NULL), STATUS_BAD, "", "one at a time");
	check(moot(home, "invite", LINK, "--name", "Bo", NULL), STATUS_BAD, "", "for invite");
	check(moot(home, "invite", "--help", NULL), 0, "--spoken", NULL);
}

static void invite__spoken__goes_two_ways(void **state)
{
	const char *home = new_home();
	const struct host_secrets secrets = secrets_of("314159");
	const struct said *said;

	(void)state;
	assert_int_equal(host_secrets_keep(home, "meet.example:45551", "482913775", &secrets), 0);
	said = moot(home, "invite", "--spoken", NULL);
	check(said, 0, "moot join 482-913-775 --relay meet.example\n", "");
	check(said, 0, "By another way", NULL);
	check(said, 0, "passcode  314159\n", NULL);
	assert_null(strstr(said->out, "AgIC"));
	check(moot(home, "invite", "moot://a.example:7/abcd", "--spoken", NULL), 0, "a.example:7", NULL);
	check(moot(home, "invite", "moot://a.example:7/abcd", "--spoken", NULL), 0, "not kept here", NULL);
	check(moot(home, "invite", "moot://a.example:7/abcd#p=271828", "--spoken", NULL), 0, "passcode  271828\n", NULL);
}

/* What a camera sees of black on white half blocks. */
static void invite__qr__is_the_link(void **state)
{
	static const char *const blocks[] = { " ", "\xe2\x96\x80", "\xe2\x96\x84", "\xe2\x96\x88" };
	QRcode *code = QRcode_encodeData(sizeof(LINK) - 1, (const unsigned char *)LINK, 0, QR_ECLEVEL_L);
	const char *home = new_home(), *p;
	const struct said *said;

	(void)state;
	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("TERM", "xterm-256color", 1);
	said = moot(home, "invite", LINK, "--qr", NULL);
	check(said, 0, "482-913-775 at 127.0.0.1:1\n", "");
	p = said->out;
	for (int y = -4; y < code->width + 4; y += 2) {
		const char *start = "\033[30;47m\033[38;5;16;48;5;231m";

		assert_int_equal(strncmp(p, start, strlen(start)), 0);
		p += strlen(start);
		for (int x = -4; x < code->width + 4; x++) {
			bool in = x >= 0 && x < code->width;
			bool top = in && y >= 0 && y < code->width && code->data[y * code->width + x] & 1;
			bool bottom = in && y + 1 >= 0 && y + 1 < code->width &&
				      code->data[(y + 1) * code->width + x] & 1;
			const char *block = blocks[top + 2 * bottom];

			assert_int_equal(strncmp(p, block, strlen(block)), 0);
			p += strlen(block);
		}
		assert_int_equal(strncmp(p, "\033[0m\n", 5), 0);
		p += 5;
	}
	QRcode_free(code);
	setenv("LC_ALL", "C", 1);
	check(moot(home, "invite", LINK, "--qr", NULL), 0, "48;5;16m##", "");
	setenv("TERM", "dumb", 1);
	assert_null(strchr(moot(home, "invite", LINK, "--qr", NULL)->out, '\033'));
	unsetenv("LC_ALL");
}

/* As a mailer quotes it. */
static void quote(char *dst, size_t size, const char *text)
{
	size_t used = (size_t)snprintf(dst, size, "Bo wrote:\r\n> Dear Ann,\r\n> ");

	for (; *text && used + 8 < size; text++)
		used += (size_t)snprintf(dst + used, size - used, *text == '\n' ? "\r\n> " : "%c", *text);
}

static void invite__sealed__opens_by_its_code(void **state)
{
	const char *home = new_home();
	const struct said *said;
	char mail[4096], file[2 * DRIVE_PATH], code[64], *digits;

	(void)state;
	said = moot(home, "invite", LINK, "--seal", NULL);
	check(said, 0, "-----BEGIN MOOT INVITATION-----\n", "another way");
	assert_null(strstr(said->out, "127.0.0.1"));
	digits = strstr(said->err, "\n  ");
	assert_non_null(digits);
	assert_int_equal(sscanf(digits, " %63s", code), 1);
	assert_int_equal(strlen(code), 23);
	assert_null(strstr(said->out, code));
	quote(mail, sizeof(mail), said->out);
	snprintf(file, sizeof(file), "%s", write_file(home, "mail.txt", mail));

	/* Right: on to the relay, where nobody is. */
	setenv("MOOT_CODE", code, 1);
	check(moot(home, "join", file, JOIN, NULL), STATUS_NO_RELAY, "127.0.0.1:1", NULL);
	assert_string_equal(moot(home, "invite", file, NULL)->out, LINK "\n");
	setenv("MOOT_CODE", "00000-00000-00000-00000", 1);
	check(moot(home, "join", file, JOIN, NULL), STATUS_BAD, "wrong code", "wrong code");
	unsetenv("MOOT_CODE");
	check(moot(home, "join", file, JOIN, NULL), STATUS_BAD, NULL, "MOOT_CODE, or --code-file");
	check(moot(home, "join", file, "--code-file", write_file(home, "code", code), JOIN, NULL), STATUS_NO_RELAY,
	      "127.0.0.1:1", NULL);
	/* The text itself where a file could stand. */
	check(moot(home, "join", mail, "--code-file", write_file(home, "code", code), JOIN, NULL), STATUS_NO_RELAY,
	      "127.0.0.1:1", NULL);

	mail[100] ^= 1;
	check(moot(home, "join", write_file(home, "broken.txt", mail), JOIN, NULL), STATUS_BAD, NULL, "damaged");
	check(moot(home, "join", write_file(home, "other.txt", "Dear Ann"), JOIN, NULL), STATUS_BAD, NULL,
	      "no sealed invitation");
	check(moot(home, "join", home, JOIN, NULL), STATUS_BAD, NULL, "cannot be read");
}

static void invite__sealed__by_a_code_of_ones_own(void **state)
{
	const char *home = new_home();
	const struct said *said;
	char file[2 * DRIVE_PATH], code[2 * DRIVE_PATH];

	(void)state;
	snprintf(code, sizeof(code), "%s", write_file(home, "code", "our usual caf\xc3\xa9\n"));
	said = moot(home, "invite", LINK, "--seal", "--code-file", code, NULL);
	check(said, 0, "-----END MOOT INVITATION-----\n", "");
	assert_null(strstr(said->err, "usual"));
	snprintf(file, sizeof(file), "%s", write_file(home, "sealed", said->out));
	assert_string_equal(moot(home, "invite", file, "--code-file", code, NULL)->out, LINK "\n");
	setenv("MOOT_CODE", "short", 1);
	check(moot(home, "invite", LINK, "--seal", NULL), STATUS_BAD, "", "soon be guessed");
	unsetenv("MOOT_CODE");
}

/* An id goes where --relay says, though a file has its name. */
static void join__by_an_id__follows_no_file(void **state)
{
	const char *home = new_home();
	char here[4096];

	(void)state;
	assert_non_null(getcwd(here, sizeof(here)));
	assert_int_equal(chdir(home), 0);
	write_file(home, "weekly-sync", "-----BEGIN MOOT INVITATION-----\n");
	check(moot(home, "join", "weekly-sync", JOIN, NULL), STATUS_BAD, NULL, "On which relay?");
	check(moot(home, "join", "./weekly-sync", JOIN, NULL), STATUS_BAD, NULL, "damaged");
	check(moot(home, "join", "mail.txt", JOIN, NULL), STATUS_BAD, NULL, "mail.txt cannot be read: No such file");
	check(moot(home, "join", "https://example.org/", JOIN, NULL), STATUS_BAD, NULL, "A meeting's id is");
	assert_int_equal(chdir(here), 0);
}

/* Whose machine opened the meeting needs no passcode, and who has the link neither. */
static void join__asks_for_a_passcode__only_who_needs_it(void **state)
{
	const char *home = new_home();
	const struct host_secrets secrets = secrets_of("");
	struct host_secrets coded = { .key = { 3 }, .passcode = "314159" };

	(void)state;
	check(moot(home, "join", "482-913-775", "--relay", "127.0.0.1:1", JOIN, NULL), STATUS_BAD, NULL, "passcode");
	check(moot(home, "join", "moot://127.0.0.1:1/482-913-775", JOIN, NULL), STATUS_BAD, NULL, "passcode");
	check(moot(home, "join", LINK, JOIN, NULL), STATUS_NO_RELAY, NULL, NULL);
	assert_int_equal(host_secrets_keep(home, "127.0.0.1:1", "482913775", &secrets), 0);
	assert_int_equal(host_secrets_keep(home, "127.0.0.1:1", "coded", &coded), 0);
	check(moot(home, "join", "482-913-775", "--relay", "127.0.0.1:1", JOIN, NULL), STATUS_NO_RELAY, NULL, NULL);
	check(moot(home, "join", "coded", "--relay", "127.0.0.1:1", JOIN, NULL), STATUS_NO_RELAY, NULL, NULL);
}

static void files__that_others_could_read__are_refused(void **state)
{
	static const char *const names[] = { "host_keys", "known_people", "door_tries", "identity" };
	const char *home = new_home();
	char path[2 * DRIVE_PATH];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s", write_file(home, names[i], ""));
		chmod(path, 0644);
		check(moot(home, "join", LINK, JOIN, NULL), STATUS_BAD, NULL, "readable by you alone");
		if (i == 0)
			check(moot(home, "invite", NULL), STATUS_BAD, "", "readable by you alone");
		chmod(path, 0600);
		if (geteuid() == 0) {
			assert_int_equal(chown(path, 1, 1), 0);
			check(moot(home, "join", LINK, JOIN, NULL), STATUS_BAD, NULL, "must be yours");
		}
		assert_int_equal(unlink(path), 0);
	}
	check(moot(home, "join", LINK, JOIN, NULL), STATUS_NO_RELAY, NULL, NULL);
}

/* ---- relays that look like another ---- */

#define KNOWN "meet.example:45551 " PIN " 2026-01-02\nlocalhost:1 " PIN " 2026-01-03\n"

static void join__by_a_look_alike__is_refused_without_a_person(void **state)
{
	static const char *const links[] = { "moot://rneet.example:1/abcd#k=AgICAgICAgICAgICAgICAg",
					     "moot://meet.exarnple/abcd#k=AgICAgICAgICAgICAgICAg",
					     "moot://xn--met-hoa.example/abcd#k=AgICAgICAgICAgICAgICAg",
					     "moot://m\xd0\xb5\xd0\xb5t.example/abcd#k=AgICAgICAgICAgICAgICAg" };
	const char *home = new_home();

	(void)state;
	write_file(home, "known_relays", KNOWN);
	check(moot(home, "join", links[0], JOIN, NULL), STATUS_NO_RELAY, "\"code\":\"cannot-connect\"", "WARNING");
	check(moot(home, "join", links[0], JOIN, NULL), STATUS_NO_RELAY, "looks like it", "meet.example");
	check(moot(home, "join", links[1], JOIN, NULL), STATUS_NO_RELAY, "looks like it", "WARNING");
	check(moot(home, "join", links[2], JOIN, NULL), STATUS_NO_RELAY, "other alphabets", "WARNING");
	check(moot(home, "join", links[3], JOIN, NULL), STATUS_BAD, "another alphabet", "do not trust it");
	/* Who says so gets there. */
	check(moot(home, "join", "moot://1ocalhost:1/abcd#k=AgICAgICAgICAgICAgICAg", "--trust", JOIN, NULL), STATUS_NO_RELAY,
	      "No connection to the relay 1ocalhost:1", "WARNING");
	/* Another key than before: the invite has the word, as ever, but one is told. */
	check(moot(home, "join", "moot://localhost:1/abcd#k=AgICAgICAgICAgICAgICAg&r=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		   JOIN, NULL),
	      STATUS_NO_RELAY, "No connection to the relay localhost:1", "another key");
}

static struct term *join_at_a_terminal(const char *home, const char *target, const char *more)
{
	const char *const args[] = { "join",  target,      "--name", "Bo",   "--home", home, "--mic",
				     "silence", "--speaker", "null",   more, NULL };
	struct stage_params params = { .cols = 110, .rows = 40 };

	return stage_moot(args, &params);
}

static void join__by_a_link__shows_where_it_leads(void **state)
{
	static const struct {
		const char *link, *shows, *question, *answer, *then;
	} cases[] = {
		{ "moot://rneet.example:1/abcd#k=AgICAgICAgICAgICAgICAg", "WARNING", "Go on all the same?", "",
		  "Not connected." },
		{ "moot://rneet.example:1/abcd#k=AgICAgICAgICAgICAgICAg", "you know          meet.example",
		  "Go on all the same?", "y", "Not connected." },
		{ "moot://1ocalhost:1/abcd#k=AgICAgICAgICAgICAgICAg", "the invite says   1ocalhost", "Go on all the same?",
		  "yes", "No connection to the relay" },
		{ "moot://localhost:1/abcd#k=AgICAgICAgICAgICAgICAg&r=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		  "known since       2026-01-03", "Go on all the same?", "", "Not connected." },
		{ LINK, "does not know", "Go on? [Y/n]", "n", "Not connected." },
		{ LINK, "meeting  482-913-775", "Go on? [Y/n]", "", "No connection to the relay" },
		{ "moot://localhost:1/482913775#k=AgICAgICAgICAgICAgICAg",
		  "Relay localhost:1, known since 2026-01-03; meeting 482-913-775.", NULL, NULL,
		  "No connection to the relay" },
	};
	const char *home = new_home();

	(void)state;
	write_file(home, "known_relays", KNOWN);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct term *term = join_at_a_terminal(home, cases[i].link, NULL);

		if (cases[i].question) {
			if (!term_wait(term, cases[i].question))
				fail_msg("%s: %s", cases[i].link, term_text(term));
			stage_say(term, cases[i].answer);
		}
		assert_int_equal(term_wait_exit(term), STATUS_NO_RELAY);
		if (!term_shows(term, cases[i].shows) || !term_shows(term, cases[i].then))
			fail_msg("%s: %s", cases[i].link, term_text(term));
		term_free(term);
	}
}

static void invitation__at_a_terminal__asks_for_its_code(void **state)
{
	const char *home = new_home();
	const char *const seal[] = { "invite", LINK, "--seal", "--home", home, NULL };
	const struct stage_params params = { .cols = 110, .rows = 40 };
	struct term *term = stage_moot(seal, &params);
	char sealed[8192];

	(void)state;
	assert_true(term_wait(term, "Enter draws one"));
	stage_say(term, "our usual place");
	assert_true(term_wait(term, "The same again:"));
	stage_say(term, "our usual place");
	assert_int_equal(term_wait_exit(term), 0);
	assert_false(term_shows(term, "usual"));
	snprintf(sealed, sizeof(sealed), "%s", term_text(term));
	term_free(term);

	term = join_at_a_terminal(home, write_file(home, "sealed.txt", sealed), NULL);
	assert_true(term_wait(term, "Code of the invitation:"));
	stage_say(term, "our unusual place");
	assert_true(term_wait(term, "Once more:"));
	assert_true(term_shows(term, "does not open the invitation"));
	stage_say(term, "our usual place");
	assert_true(term_wait(term, "Go on? [Y/n]"));
	assert_false(term_shows(term, "usual place"));
	stage_say(term, "");
	assert_int_equal(term_wait_exit(term), STATUS_NO_RELAY);
	assert_true(term_shows(term, "No connection to the relay 127.0.0.1:1"));
	term_free(term);

	term = stage_moot(seal, &params);
	assert_true(term_wait(term, "Enter draws one"));
	stage_say(term, "our usual place");
	assert_true(term_wait(term, "The same again:"));
	stage_say(term, "our other place");
	assert_int_equal(term_wait_exit(term), STATUS_BAD);
	assert_true(term_shows(term, "not the same"));
	assert_false(term_shows(term, "BEGIN"));
	term_free(term);
}

static void invite__qr__needs_its_width(void **state)
{
	const char *home = new_home();
	const char *const args[] = { "invite", LINK, "--qr", "--home", home, NULL };
	const struct stage_params narrow = { .cols = 40, .rows = 40 }, wide = { .cols = 80, .rows = 40 };
	struct term *term = stage_moot(args, &narrow);

	(void)state;
	assert_int_equal(term_wait_exit(term), STATUS_BAD);
	assert_true(term_sent(term, "columns wide"));
	term_free(term);
	term = stage_moot(args, &wide);
	assert_int_equal(term_wait_exit(term), 0);
	assert_true(term_coloured(term));
	assert_true(term_shows(term, "482-913-775 at 127.0.0.1:1"));
	term_free(term);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(invite__is_printed__from_what_the_host_keeps),
		cmocka_unit_test(invite__of_a_link__is_the_link_without_its_passcode),
		cmocka_unit_test(invite__spoken__goes_two_ways),
		cmocka_unit_test(invite__qr__is_the_link),
		cmocka_unit_test(invite__sealed__opens_by_its_code),
		cmocka_unit_test(invite__sealed__by_a_code_of_ones_own),
		cmocka_unit_test(join__by_an_id__follows_no_file),
		cmocka_unit_test(join__asks_for_a_passcode__only_who_needs_it),
		cmocka_unit_test(files__that_others_could_read__are_refused),
		cmocka_unit_test(join__by_a_look_alike__is_refused_without_a_person),
		cmocka_unit_test(join__by_a_link__shows_where_it_leads),
		cmocka_unit_test(invitation__at_a_terminal__asks_for_its_code),
		cmocka_unit_test(invite__qr__needs_its_width),
	};

	unsetenv("MOOT_PASSCODE");
	unsetenv("MOOT_CODE");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
