/* Which meeting is meant: by an id, by a link, by a sealed invitation in a file. A typed id goes to the relay that was typed with
 * it and nowhere else; a link is shown first, since it comes from elsewhere, and what looks like a trap wants more than Enter. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "net/file.h"
#include "net/invitation.h"
#include "net/text.h"
#include "tui/ask.h"
#include "tui/start.h"

enum { CODE_TRIES = 3, STATUS_NOT_TRUSTED = 3 };

/* ---- sealed invitations ---- */

int start_code(const struct start *start, char code[static INVITATION_CODE_SIZE])
{
	const char *from_environment = getenv("MOOT_CODE");

	if (start->options.code_file)
		return start_secret(start->options.code_file, code, INVITATION_CODE_SIZE) < 0 ? -1 : 1;
	if (!from_environment || !from_environment[0])
		return 0;
	if (strlen(from_environment) >= INVITATION_CODE_SIZE)
		return start_complain("MOOT_CODE is too long.");
	memcpy(code, from_environment, strlen(from_environment) + 1);
	return 1;
}

static int open_with(const struct invitation *invitation, const char *code, char text[static INVITATION_TEXT_SIZE])
{
	int rc = invitation_open(invitation, code, text);

	if (rc == -ENOMEM)
		return start_complain("Opening the invitation needs %u MiB of memory.", invitation->mem_kib >> 10);
	if (rc == -EBADMSG)
		return start_complain("The code is right, but there is no invite in the sealed invitation.");
	return rc;
}

static int open_sealed(const struct start *start, const struct invitation *invitation,
		       char text[static INVITATION_TEXT_SIZE])
{
	char code[INVITATION_CODE_SIZE];
	int given = start_code(start, code), rc = -EACCES;

	if (given < 0)
		return -1;
	if (!given && !start_can_ask(start))
		return start_complain("The invitation is sealed: its code comes by MOOT_CODE, or --code-file.");
	for (int i = 0; rc == -EACCES && i < (given ? 1 : CODE_TRIES); i++) {
		if (!given && (ask_line(i ? "Once more: " : "Code of the invitation: ", false, code, sizeof(code)) < 0 ||
			       !code[0]))
			return start_complain("No code was given.");
		rc = open_with(invitation, code, text);
		if (rc == -EACCES)
			start_complain("This code does not open the invitation. The text is whole: it is the wrong code, or "
				       "one of another invitation.");
	}
	explicit_bzero(code, sizeof(code));
	return rc < 0 ? -1 : 0;
}

/* n bytes that hold a sealed invitation, perhaps among other text. name: of the file, or NULL. */
static int take_sealed(const struct start *start, struct invite *invite, const char *text, size_t n, const char *name)
{
	struct invitation invitation;
	char link[INVITATION_TEXT_SIZE];
	const char *why = "";
	int rc = -1;

	if (invitation_parse(&invitation, text, n, &why) < 0)
		return start_complain("%s%s%s", name ? name : "", name ? ": " : "", why);
	if (open_sealed(start, &invitation, link) < 0)
		return -1;
	if (invite_parse(invite, link, &why) < 0)
		start_complain("%s", why);
	else if (!invite->host[0])
		start_complain("The invite in the sealed invitation names no relay.");
	else
		rc = 0;
	explicit_bzero(link, sizeof(link));
	return rc;
}

static int take_file(const struct start *start, struct invite *invite, const char *name)
{
	char *text;
	size_t n;
	int rc = file_load(name, INVITATION_FILE_MAX, &text, &n);

	if (rc < 0)
		return start_complain("%s cannot be read: %s.", name, strerror(-rc));
	rc = take_sealed(start, invite, text, n, name);
	free(text);
	return rc;
}

/* An id is an id, whatever files lie about. */
int start_target(const struct start *start, struct invite *invite, bool *linked)
{
	const char *target = start->options.target, *why = "";

	if (invitation_is_in(target, strlen(target))) {
		*linked = true;
		return take_sealed(start, invite, target, strlen(target), NULL);
	}
	if (invite_parse(invite, target, &why) == 0) {
		*linked = invite->host[0];
		return 0;
	}
	/* Neither a link nor what could be an id is meant as a file, even where there is none. */
	if (!strncasecmp(target, "moot:", 5) || (access(target, F_OK) < 0 && (!strpbrk(target, "/.") || strstr(target, "://"))))
		return start_complain("%s", why);
	*linked = true;
	return take_file(start, invite, target);
}

/* ---- where a link leads ---- */

static void show_place(const struct invite *invite, const char *relay)
{
	char id[MOOT_ID_SIZE];

	text_id_show(id, invite->id);
	fprintf(stderr, "  relay    %s\n  meeting  %s\n", relay, id);
}

/* What nobody can overlook, in a frame, and in colour where there is one. */
static void warn(const char *const lines[])
{
	static const char bar[] = "!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!";
	const bool colour = isatty(STDERR_FILENO) && !getenv("NO_COLOR");
	const char *on = colour ? "\033[1;97;41m" : "", *off = colour ? "\033[0m" : "";

	fprintf(stderr, "\n%s%s%s\n", on, bar, off);
	for (size_t i = 0; lines[i]; i++)
		fprintf(stderr, "%s!! %-66s !!%s\n", on, lines[i], off);
	fprintf(stderr, "%s%s%s\n\n", on, bar, off);
}

static void warn_of(const struct trust_look *look, const struct invite *invite)
{
	char says[sizeof(invite->host) + 32], known[sizeof(look->like) + 32];
	const char *const alike[] = { "WARNING: this is not the relay that you know.", says, known,
				      "The names look alike: somebody may want you to mistake one for the",
				      "other. Ask whoever invited you, by another way, which it is.", NULL };
	const char *const foreign[] = { "WARNING: the relay's name is not what it looks like.", says,
					"It is written in letters of other alphabets, which can look like",
					"any name. Ask whoever invited you, by another way, which it is.", NULL };
	const char *const other[] = { "WARNING: this invite names another key than the relay had.", says, known,
				      "Either the relay has a new key, or somebody stands in between:",
				      "ask whoever runs the relay before you go on.", NULL };

	snprintf(says, sizeof(says), "  the invite says   %s", invite->host);
	if (look->doubt == DOUBT_OTHER_PIN)
		snprintf(known, sizeof(known), "  known since       %s", look->since[0] ? look->since : "before");
	else
		snprintf(known, sizeof(known), "  you know          %s", look->like);
	warn(look->doubt == DOUBT_LOOKS_LIKE ? alike : look->doubt == DOUBT_FOREIGN ? foreign : other);
}

/* Nobody is there to be asked: what could be a trap is not walked into, what is merely new is. A pin that the invite changes is
 * the invite's to say, as ever. */
static int look_alone(const struct start *start, const struct trust_look *look, const char *relay)
{
	if (look->doubt == DOUBT_NONE || look->doubt == DOUBT_OTHER_PIN || start->options.trust)
		return 0;
	start_status = STATUS_NOT_TRUSTED;
	if (look->doubt == DOUBT_LOOKS_LIKE)
		return start_complain("The relay %s is not %s, which you know, but looks like it. --trust takes it all the same.",
				      relay, look->like);
	return start_complain("The name of the relay %s is written in letters of other alphabets, which can look like any "
			      "name. --trust takes it all the same.",
			      relay);
}

static int look_together(const struct start *start, const struct invite *invite, const struct trust_look *look,
			 const char *relay)
{
	char id[MOOT_ID_SIZE];

	text_id_show(id, invite->id);
	if (look->known && look->doubt == DOUBT_NONE) {
		fprintf(stderr, "Relay %s, known%s%s; meeting %s.\n", relay, look->since[0] ? " since " : "", look->since, id);
		return 0;
	}
	fprintf(stderr, look->known ? "The invite leads to a relay that you know:\n"
				    : "The invite leads to a relay that this machine does not know:\n");
	show_place(invite, relay);
	if (start->options.trust)
		return 0;
	if (look->doubt != DOUBT_NONE ? ask_sure("Go on all the same? Only \"yes\" does: ") : ask_yes("Go on? [Y/n] ", true))
		return 0;
	start_status = STATUS_NOT_TRUSTED;
	return start_complain("Not connected.");
}

/* Before anything is sent anywhere. */
static int look_at_link(const struct start *start, const struct invite *invite)
{
	struct trust_look look;
	char relay[sizeof(invite->host) + 16];
	int rc = trust_look(start->known_relays, invite->host, invite->port, invite->pin, &look);

	if (rc < 0)
		return start_complain("%s cannot be read: %s.", start->known_relays, strerror(-rc));
	invite_print_relay(relay, sizeof(relay), invite);
	if (look.doubt != DOUBT_NONE)
		warn_of(&look, invite);
	return start_can_ask(start) ? look_together(start, invite, &look, relay) : look_alone(start, &look, relay);
}

/* ---- joining ---- */

/* Who opened the meeting from here needs neither link nor passcode. */
static int add_own(struct start *start, struct invite *invite)
{
	struct session_params *session = &start->app.session;
	char relay[sizeof(invite->host) + 16];
	struct host_secrets own;
	int rc;

	invite_print_relay(relay, sizeof(relay), invite);
	rc = host_secrets_find(start->state, relay, invite->id, &own);
	if (rc < 0)
		return rc == -ENOENT ? 0
				     : start_complain("%s/host_keys cannot be read: %s.", start->state, strerror(-rc));
	memcpy(session->host_key, own.key, sizeof(session->host_key));
	/* With another key than the host's, whoever leads cannot know that it is the host: then one comes in like anybody. */
	session->host_key_set = !start->options.guest;
	if (own.has_link && !invite->has_secret) {
		memcpy(invite->secret, own.link, sizeof(invite->secret));
		invite->has_secret = true;
	}
	if (own.has_host && !invite->has_host) {
		memcpy(invite->host_hash, own.host_hash, sizeof(invite->host_hash));
		invite->has_host = true;
	}
	if (!invite->passcode[0])
		memcpy(invite->passcode, own.passcode, sizeof(invite->passcode));
	if (!invite->pin[0])
		memcpy(invite->pin, own.pin, sizeof(invite->pin));
	explicit_bzero(&own, sizeof(own));
	return 0;
}

int start_join(struct start *start)
{
	struct invite *invite = &start->app.session.invite;
	bool linked = false;

	if (start_target(start, invite, &linked) < 0)
		return -1;
	if (start->options.relay && start_take_relay(invite, start->options.relay) < 0)
		return -1;
	if (!invite->host[0])
		return start_complain("On which relay? An invite says it, or --relay HOST.");
	if (start->options.pin && start_take_pin(invite, start->options.pin) < 0)
		return -1;
	if (linked && !start->options.relay && look_at_link(start, invite) < 0)
		return -1;
	start->app.session.remember = linked && !start->options.guest;
	if (add_own(start, invite) < 0)
		return -1;
	return invite->has_secret ? 0 : start_passcode(start, invite->passcode, true);
}
