/* The invite goes to standard output and nothing else does, so that it can be piped into a mail; what is secret beside it, the
 * code of a sealed one, goes to standard error. */
#include "tui/handout.h"

#include <errno.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "net/invitation.h"
#include "net/text.h"
#include "tui/ask.h"
#include "tui/qr.h"
#include "tui/start.h"

enum { STATUS_BAD = 2 };

/* ---- which meeting ---- */

/* What is kept of a meeting that was opened here, into an invite as others need it; a link's own words stay. */
static int fill_own(const struct start *start, struct invite *invite, const struct host_meeting *meeting, bool linked)
{
	const struct host_secrets *own = &meeting->secrets;

	if (!invite->host[0] && invite_parse_relay(invite, meeting->relay) < 0)
		return start_complain("%s/host_keys is damaged: \"%.60s\" is no relay.", start->state, meeting->relay);
	if (!invite->id[0])
		memcpy(invite->id, meeting->id, sizeof(invite->id));
	if (!invite->has_secret && own->has_link)
		memcpy(invite->secret, own->link, sizeof(invite->secret));
	invite->has_secret |= own->has_link;
	if (!invite->has_host && own->has_host)
		memcpy(invite->host_hash, own->host_hash, sizeof(invite->host_hash));
	invite->has_host |= own->has_host;
	if (!invite->passcode[0])
		memcpy(invite->passcode, own->passcode, sizeof(invite->passcode));
	if (!invite->pin[0])
		memcpy(invite->pin, own->pin, sizeof(invite->pin));
	if (!invite->pin[0])
		(void)trust_find(start->known_relays, meeting->relay, invite->pin, sizeof(invite->pin));
	if (own->outside[0] && !linked)
		snprintf(invite->host, sizeof(invite->host), "%s", own->outside);
	return 0;
}

static int find_own(const struct start *start, struct invite *invite, struct host_meeting *meeting)
{
	char relay[sizeof(meeting->relay)];

	if (!invite->host[0])
		return host_secrets_newest(start->state, invite->id[0] ? invite->id : NULL, meeting);
	invite_print_relay(relay, sizeof(relay), invite);
	snprintf(meeting->relay, sizeof(meeting->relay), "%s", relay);
	return host_secrets_find(start->state, relay, invite->id, &meeting->secrets);
}

/* A link is enough by itself; an id, or nothing, is about a meeting of one's own. */
static int find_meeting(struct start *start, struct invite *invite)
{
	struct host_meeting meeting;
	bool linked = false;
	int rc;

	if (start->options.target && start_target(start, invite, &linked) < 0)
		return -1;
	if (start->options.relay && start_take_relay(invite, start->options.relay) < 0)
		return -1;
	if (start->options.pin && start_take_pin(invite, start->options.pin) < 0)
		return -1;
	if (!invite->id[0] && invite->host[0])
		return start_complain("Which meeting on that relay? moot invite ID --relay HOST.");
	rc = find_own(start, invite, &meeting);
	if (rc == 0)
		rc = fill_own(start, invite, &meeting, linked);
	else if (rc == -ENOENT && linked)
		rc = 0;
	else if (rc == -ENOENT)
		rc = start->options.target
			     ? start_complain("This machine keeps nothing of such a meeting: who hosts it has its invite.")
			     : start_complain("This machine has opened no meeting yet. moot invite LINK hands on another's.");
	else if (rc == -EPERM)
		rc = start_complain("%s/host_keys must be yours, and readable by you alone: chmod 600 it.", start->state);
	else
		rc = start_complain("%s/host_keys: %s.", start->state, strerror(-rc));
	explicit_bzero(&meeting, sizeof(meeting));
	return rc;
}

/* ---- in which form ---- */

static bool has_utf8(void)
{
	return !strcmp(nl_langinfo(CODESET), "UTF-8");
}

static bool has_colour(void)
{
	const char *term = getenv("TERM");

	return term && term[0] && strcmp(term, "dumb") != 0;
}

static int print_qr(const struct invite *invite, const char *link)
{
	char spoken[INVITE_SIZE];
	struct winsize window = { 0 };
	int cols = 0;
	char *drawn = qr_draw(link, has_utf8() ? QR_BLOCKS : QR_ASCII, has_colour(), &cols);

	if (!drawn)
		return start_complain("The QR code could not be made: %s.", strerror(errno));
	if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col &&
	    window.ws_col < cols) {
		free(drawn);
		return start_complain("The QR code is %d columns wide, the window %d: make it wider, or its letters smaller.",
				      cols, window.ws_col);
	}
	invite_print_spoken(spoken, sizeof(spoken), invite);
	printf("%s%s\n", drawn, spoken);
	free(drawn);
	return 0;
}

static int print_spoken(const struct invite *invite)
{
	char id[MOOT_ID_SIZE], relay[sizeof(invite->host) + 16];

	text_id_show(id, invite->id);
	if (invite->port == INVITE_PORT && !strchr(invite->host, ':'))
		snprintf(relay, sizeof(relay), "%s", invite->host);
	else
		invite_print_relay(relay, sizeof(relay), invite);
	printf("By one way, such as a mail:\n"
	       "  meeting   %s\n"
	       "  relay     %s\n"
	       "  moot join %s --relay %s\n\n"
	       "By another way, such as the phone, and never beside the first:\n"
	       "  passcode  %s\n\n"
	       "Whoever has both can knock.\n",
	       id, relay, id, relay, invite->passcode[0] ? invite->passcode : "(not kept here: whoever hosts the meeting knows it)");
	return 0;
}

/* ---- sealed ---- */

enum code_from { CODE_FAILED = -1, CODE_CHOSEN, CODE_DRAWN };

static int draw_code(char code[static INVITATION_CODE_SIZE])
{
	uint8_t random[INVITATION_DRAW];

	if (getentropy(random, sizeof(random)) < 0)
		return start_complain("There is no randomness to be had: %s.", strerror(errno));
	invitation_draw(code, random);
	explicit_bzero(random, sizeof(random));
	return CODE_DRAWN;
}

static int ask_code(char code[static INVITATION_CODE_SIZE])
{
	char again[INVITATION_CODE_SIZE];
	int from = CODE_CHOSEN;

	if (ask_line("A code that opens it, 8 characters or more (Enter draws one): ", false, code, INVITATION_CODE_SIZE) < 0)
		return start_complain("No code was given.");
	if (!code[0])
		return draw_code(code);
	if (ask_line("The same again: ", false, again, sizeof(again)) < 0 || strcmp(code, again) != 0)
		from = start_complain("The two are not the same.");
	explicit_bzero(again, sizeof(again));
	return from;
}

static int choose_code(const struct start *start, char code[static INVITATION_CODE_SIZE])
{
	const int given = start_code(start, code);
	const int from = given < 0 ? CODE_FAILED : given ? CODE_CHOSEN : start_can_ask(start) ? ask_code(code) : draw_code(code);

	if (from == CODE_CHOSEN && strlen(code) < INVITATION_CODE_MIN)
		return start_complain("A code of less than %d characters would soon be guessed.", INVITATION_CODE_MIN);
	return from;
}

static int print_sealed(const struct start *start, const char *link)
{
	char code[INVITATION_CODE_SIZE], text[INVITATION_SIZE];
	uint8_t random[INVITATION_RANDOM];
	int from = choose_code(start, code), n;

	if (from == CODE_FAILED)
		return -1;
	if (getentropy(random, sizeof(random)) < 0)
		return start_complain("There is no randomness to be had: %s.", strerror(errno));
	n = invitation_seal(text, sizeof(text), link, code, random);
	if (n == -ENOMEM)
		start_complain("Sealing needs 256 MiB of memory.");
	else if (n < 0)
		start_complain("This code cannot be used: it is empty but for blanks and dashes.");
	else
		fputs(text, stdout);
	if (n >= 0 && from == CODE_DRAWN)
		fprintf(stderr,
			"Send the text by mail; \"moot join FILE\" opens it with this code. Tell the code by another way:\n\n"
			"  %s\n\n",
			code);
	explicit_bzero(code, sizeof(code));
	return n < 0 ? -1 : 0;
}

int handout_run(const struct options *options)
{
	static struct start start;
	struct invite invite = { .port = INVITE_PORT };
	char link[INVITE_SIZE];
	int rc;

	start.options = *options;
	if (start_find_state(&start) < 0 || find_meeting(&start, &invite) < 0)
		return STATUS_BAD;
	if (invite_print(link, sizeof(link), &invite) < 0) {
		start_complain("The invite is too long.");
		return STATUS_BAD;
	}
	if (!invite.has_secret && !options->spoken)
		fprintf(stderr, "moot: there is no secret in this invite: who joins by it needs the passcode as well.\n");
	rc = options->qr       ? print_qr(&invite, link)
	     : options->spoken ? print_spoken(&invite)
	     : options->seal   ? print_sealed(&start, link)
			       : puts(link);
	explicit_bzero(link, sizeof(link));
	explicit_bzero(&invite, sizeof(invite));
	if (rc == 0 && fflush(stdout) != 0)
		rc = start_complain("It could not be written: %s.", strerror(errno));
	return rc < 0 ? STATUS_BAD : 0;
}
