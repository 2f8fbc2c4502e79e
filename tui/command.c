/* Commands are data: this table, a finder that takes any unambiguous beginning, and a splitter that knows
 * from the table where the rest of a line is one text. What a command does is in app_commands.c; who may is
 * the relay's to say, the role here only marks what help shows as the hosts'. */
#include "tui/command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ALL    ROLE_WAITING
#define SEATED ROLE_PARTICIPANT
#define HOSTS  ROLE_COHOST
#define HOST   ROLE_HOST

/* clang-format off: one line each */
static const struct command_info table[] = {
	{ "talk", "chat", "TEXT", "write to everyone in your room", "/chat Good morning", SEATED, { ARG_TEXT }, false, 1, NULL },
	{ "talk", "msg", "WHO TEXT", "write to one person", "/msg Bo see you later", SEATED, { ARG_WHO, ARG_TEXT }, false, 2, NULL },
	{ "talk", "hosts", "TEXT", "write to the hosts; those who wait may, too, but that the relay can read", "/hosts it is me, Bo", ALL, { ARG_TEXT }, false, 1, NULL },
	{ "talk", "raise", "", "raise your hand", "/raise", SEATED, { ARG_NONE }, false, 0, NULL },
	{ "talk", "lower", "[WHO]", "lower your hand, or as a host another's", "/lower Bo", SEATED, { ARG_WHO }, false, 0, NULL },
	{ "talk", "react", "NAME", "yes, no, applause, laugh, heart, slower, faster", "/react applause", SEATED, { ARG_REACTION }, false, 1, NULL },
	{ "talk", "mute", "[WHO|all]", "your microphone off; as a host another's, or all", "/mute all", SEATED, { ARG_WHO }, false, 0, NULL },
	{ "talk", "unmute", "", "your microphone on", "/unmute", SEATED, { ARG_NONE }, false, 0, NULL },
	{ "talk", "ask-unmute", "WHO", "ask somebody to unmute", "/ask-unmute Bo", HOSTS, { ARG_OTHER }, false, 1, NULL },
	{ "talk", "video", "on|off", "your camera on or off", "/video off", SEATED, { ARG_ONOFF }, false, 1, NULL },
	{ "talk", "volume", "WHO DB", "how loud you hear somebody, -40 to 12 dB", "/volume Bo -6", SEATED, { ARG_OTHER, ARG_NUMBER }, false, 2, NULL },
	{ "talk", "poll", "[ask|vote|close] ...", "ask [named] QUESTION ANSWER...; vote ANSWER; close; alone: how it stands", "/poll ask \"Lunch at noon?\" yes no", SEATED, { ARG_WORDS, ARG_WORD }, true, 0, "ask|vote|close" },

	{ "show", "share", "FILE|stop [WHO]", "show a picture, video or text file to all; stop it", "/share notes.txt", SEATED, { ARG_FILE }, false, 1, NULL },
	{ "show", "give-keyboard", "WHO", "let one person type into what you share", "/give-keyboard Bo", SEATED, { ARG_OTHER }, false, 1, NULL },
	{ "show", "take-keyboard", "", "nobody types into the share any more", "/take-keyboard", SEATED, { ARG_NONE }, false, 0, NULL },
	{ "show", "pin", "WHO|off", "keep one person's picture in view", "/pin Bo", SEATED, { ARG_WHO }, false, 1, NULL },
	{ "show", "spotlight", "WHO|off", "keep one person in everybody's view", "/spotlight Bo", HOSTS, { ARG_WHO }, false, 1, NULL },
	{ "show", "view", "speaker|gallery|off", "which pictures you see", "/view gallery", ALL, { ARG_VIEW }, false, 1, NULL },

	{ "door", "admit", "WHO...|all", "let in from the waiting room", "/admit Bo", HOSTS, { ARG_WAITING }, true, 1, NULL },
	{ "door", "deny", "WHO [REASON]", "turn away somebody who waits", "/deny Bo wrong meeting", HOSTS, { ARG_WAITING, ARG_TEXT }, false, 1, NULL },
	{ "door", "sendback", "WHO", "send somebody back to the waiting room", "/sendback Bo", HOSTS, { ARG_OTHER }, false, 1, NULL },
	{ "door", "tell-waiting", "[WHO:] TEXT", "write to those who wait, or to one of them; the relay can read it", "/tell-waiting Bo: five minutes", HOSTS, { ARG_TEXT }, false, 1, NULL },
	{ "door", "passcode", "[new [PASSCODE]]", "the passcode, for those without the link; new: another, the old one is void", "/passcode new", HOSTS, { ARG_WORDS, ARG_TEXT }, false, 0, "new" },
	{ "door", "guest-pin", "new|off", "a PIN for web and phone; once one of them is in, the relay can hear and see everything", "/guest-pin new", HOSTS, { ARG_WORDS }, false, 1, "new|off" },
	{ "door", "lock", "", "nobody new comes in", "/lock", HOSTS, { ARG_NONE }, false, 0, NULL },
	{ "door", "unlock", "", "the door opens again", "/unlock", HOSTS, { ARG_NONE }, false, 0, NULL },
	{ "door", "kick", "WHO", "remove somebody for good", "/kick Bo", HOSTS, { ARG_OTHER }, false, 1, NULL },
	{ "door", "pardon", "WHO", "let one who was removed knock again", "/pardon 3", HOSTS, { ARG_REMOVED }, false, 1, NULL },

	{ "rule", "set", "CONTROL VALUE", "change a rule of the meeting", "/set chat hosts", HOSTS, { ARG_CONTROL, ARG_VALUE }, false, 2, NULL },
	{ "rule", "allow", "WHO share|record|unmute|video|rename", "give one person a permission", "/allow Bo share", HOSTS, { ARG_OTHER, ARG_PERMISSION }, false, 2, NULL },
	{ "rule", "disallow", "WHO share|record|unmute|video|rename", "take it back", "/disallow Bo share", HOSTS, { ARG_OTHER, ARG_PERMISSION }, false, 2, NULL },
	{ "rule", "suspend", "", "stop everything at once; /set and /unlock give it back one by one", "/suspend", HOSTS, { ARG_NONE }, false, 0, NULL },
	{ "rule", "breakout", "[make|assign|open|move|tell|back|close] ...", "make COUNT|NAME...; assign all|WHO... ROOM; open; move WHO... ROOM|main; tell TEXT; back; close", "/breakout make Red Blue", SEATED, { ARG_WORDS, ARG_PERSON_OR_ROOM }, true, 0, "make|assign|open|move|tell|back|close" },
	{ "rule", "cohost", "WHO", "make somebody a co-host", "/cohost Bo", HOST, { ARG_OTHER }, false, 1, NULL },
	{ "rule", "uncohost", "WHO", "make a co-host a participant again", "/uncohost Bo", HOST, { ARG_OTHER }, false, 1, NULL },
	{ "rule", "host", "WHO", "hand the meeting over", "/host Bo", HOST, { ARG_OTHER }, false, 1, NULL },
	{ "rule", "claim", "", "be host again, with the host key kept on this machine", "/claim", ALL, { ARG_NONE }, false, 0, NULL },
	{ "rule", "rename", "WHO NAME", "give somebody another name", "/rename Bo Robert", HOSTS, { ARG_WHO, ARG_TEXT }, false, 2, NULL },
	{ "rule", "end", "", "end the meeting for everyone", "/end", HOST, { ARG_NONE }, false, 0, NULL },

	{ "self", "name", "NAME", "change your own name", "/name Robert", SEATED, { ARG_TEXT }, false, 1, NULL },
	{ "self", "leave", "", "leave the meeting", "/leave", ALL, { ARG_NONE }, false, 0, NULL },
	{ "self", "consent", "[record|relay] yes|no", "agree to be recorded, or to be heard by the relay, when asked; no takes it back", "/consent yes", ALL, { ARG_WORDS, ARG_YESNO }, false, 1, "yes|no|record|relay" },
	{ "self", "record", "start|stop", "record on this machine, once a host allows it and everyone agrees", "/record start", SEATED, { ARG_WORDS }, false, 1, "start|stop" },
	{ "self", "send", "WHO FILE", "offer somebody a file", "/send Bo plan.pdf", SEATED, { ARG_OTHER, ARG_FILE }, false, 2, NULL },
	{ "self", "accept", "[NUMBER] [PATH]", "save a file that was offered to you", "/accept 3", SEATED, { ARG_NUMBER, ARG_FILE }, false, 0, NULL },
	{ "self", "decline", "[NUMBER]", "do not; or give up one that is under way", "/decline 3", SEATED, { ARG_NUMBER }, false, 0, NULL },
	{ "self", "files", "", "files offered and under way", "/files", SEATED, { ARG_NONE }, false, 0, NULL },
	{ "self", "who", "[PATTERN]", "who is here, and who waits; PATTERN: a name, host, hand, muted, away, waiting, removed", "/who bo", ALL, { ARG_TEXT }, false, 0, NULL },
	{ "self", "controls", "", "the rules of this meeting, and who set them", "/controls", SEATED, { ARG_NONE }, false, 0, NULL },
	{ "self", "invite", "", "the link to hand out; and id and passcode, for those without it", "/invite", ALL, { ARG_NONE }, false, 0, NULL },
	{ "self", "security", "", "how this meeting is protected, and from whom", "/security", ALL, { ARG_NONE }, false, 0, NULL },
	{ "self", "verify", "[WHO] [yes]", "the code of who draws the keys, or of WHO, to compare aloud; yes: it is the same", "/verify yes", SEATED, { ARG_OTHER_OR_WORDS, ARG_YESNO }, false, 0, "yes" },
	{ "self", "audio", "", "how the sound is doing", "/audio", ALL, { ARG_NONE }, false, 0, NULL },
	{ "self", "help", "[COMMAND]", "what one can do here", "/help admit", ALL, { ARG_COMMAND }, false, 0, NULL },
	{ NULL, NULL, NULL, NULL, NULL, ROLE_NONE, { ARG_NONE }, false, 0, NULL },
};
/* clang-format on */

const struct command_info *command_table(void)
{
	return table;
}

static char why_text[512];

const struct command_info *command_find(const char *word, const char **why)
{
	const struct command_info *found = NULL;
	size_t n = strlen(word);
	size_t at = 0;
	int matches = 0;

	for (const struct command_info *info = table; info->name; info++) {
		if (!strcmp(info->name, word))
			return info;
		if (n == 0 || strncmp(info->name, word, n) != 0)
			continue;
		found = info;
		if (matches++ == 0)
			at = (size_t)snprintf(why_text, sizeof(why_text), "\"%s\" may be", word);
		if (at < sizeof(why_text))
			at += (size_t)snprintf(why_text + at, sizeof(why_text) - at, "%s %s",
					       matches > 1 ? "," : "", info->name);
	}
	if (matches == 1)
		return found;
	if (n == 0)
		snprintf(why_text, sizeof(why_text), "There is nothing behind the slash. \"/help\" lists what there is.");
	else if (matches == 0)
		snprintf(why_text, sizeof(why_text),
			 "There is no command \"%.60s\". \"help\" lists what there is.", word);
	else if (at + 1 < sizeof(why_text))
		snprintf(why_text + at, sizeof(why_text) - at, ".");
	if (why)
		*why = why_text;
	return NULL;
}

enum argument command_argument(const struct command_info *info, int index)
{
	int last = -1;

	for (int i = 0; i < 3 && info->args[i] != ARG_NONE; i++)
		last = i;
	if (last < 0 || (index > last && !info->repeats))
		return ARG_NONE;
	return info->args[index > last ? last : index];
}

bool command_fits(const struct command_info *info, int argc, const char **why)
{
	if (argc >= info->required && (argc == 0 || command_argument(info, argc - 1) != ARG_NONE))
		return true;
	if (why) {
		snprintf(why_text, sizeof(why_text), "Usage: %s%s%s. For example: %s", info->name,
			 info->usage[0] ? " " : "", info->usage, info->example);
		*why = why_text;
	}
	return false;
}

static const char *skip_blanks(const char *s)
{
	while (*s == ' ' || *s == '\t')
		s++;
	return s;
}

/* One word, quoted or bare, to *dst. Returns what follows, or NULL on a quote that never closes. */
static const char *take_word(const char *s, char **dst)
{
	char quote = *s == '"' || *s == '\'' ? *s++ : 0;
	char *d = *dst;

	for (; *s && *s != quote && (quote || (*s != ' ' && *s != '\t')); s++) {
		if (*s == '\\' && quote && (s[1] == quote || s[1] == '\\'))
			s++;
		*d++ = *s;
	}
	if (quote && *s++ != quote)
		return NULL;
	*d++ = '\0';
	*dst = d;
	return s;
}

static void take_rest(const char *s, char **dst)
{
	size_t n = strlen(s);

	while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\t'))
		n--;
	memcpy(*dst, s, n);
	(*dst)[n] = '\0';
	*dst += n + 1;
}

int command_split(const struct command_info *info, const char *rest, char *buf, size_t size,
		  const char *argv[static COMMAND_ARGS_MAX], const char **why)
{
	char *dst = buf;
	int argc = 0;

	if (strlen(rest) + COMMAND_ARGS_MAX + 1 > size) {
		*why = "The line is too long.";
		return -EINVAL;
	}
	for (rest = skip_blanks(rest); *rest; rest = skip_blanks(rest)) {
		enum argument kind = command_argument(info, argc);

		if (argc == COMMAND_ARGS_MAX) {
			*why = "Too many at once.";
			return -EINVAL;
		}
		argv[argc++] = dst;
		if (kind == ARG_TEXT || kind == ARG_FILE) {
			take_rest(rest, &dst);
			break;
		}
		/* An apostrophe inside a name is part of it; only at the start of a word does a quote open.
		 */
		rest = take_word(rest, &dst);
		if (!rest) {
			*why = "A quote is not closed.";
			return -EINVAL;
		}
	}
	return command_fits(info, argc, why) ? argc : -EINVAL;
}
