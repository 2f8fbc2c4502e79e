/* A table of files, each with what it holds; those that are there are marked. */
#include "tui/privacy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const struct {
	const char *name, *holds, *until;
} files[] = {
	{ "identity", "your key, by which a meeting knows you again after a lost line", "until you remove it; --guest uses none" },
	{ "known_relays", "address and pin of each relay you connected to, and the day", "until you remove it" },
	{ "host_keys", "of each meeting you opened its key (who has it is its host), the secret of its invite, its passcode",
	  "until you remove it; the newest 500" },
	{ "known_people", "key, name and first day of people you met, and whether you verified them",
	  "until you remove it; the newest 2000" },
	{ "door_tries", "how many wrong passcodes were tried at your meetings, by keyed hashes of id and passcode",
	  "until you remove it; the newest 200" },
	{ "certificate.pem", "of the relay that `moot host` starts here", "until you remove it" },
	{ "key.pem", "its private key", "until you remove it" },
	{ "relay.db", "of that relay: keyed hashes of the meeting ids it used, and of tokens", "until you remove it" },
	{ "store.key", "the key of those hashes", "until you remove it" },
};

static void default_folder(char *path, size_t size)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (state && *state == '/')
		snprintf(path, size, "%s/moot", state);
	else
		snprintf(path, size, "%s/.local/state/moot", home ? home : "");
}

int privacy_print(const char *home)
{
	char folder[4096], path[4200];
	struct stat st;

	if (home)
		snprintf(folder, sizeof(folder), "%s", home);
	else
		default_folder(folder, sizeof(folder));
	printf("What moot holds on this machine, in %s (0600: yours alone)\n\n", folder);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, files[i].name);
		printf("  %-16s %s\n                   %s%s\n", files[i].name, files[i].holds, files[i].until,
		       stat(path, &st) ? "; not there" : "");
	}
	printf("\n"
	       "Files that others send are saved only when you /accept them: in ~/Downloads or the current folder, or where you\n"
	       "say. Recordings are made only while everybody agrees, in the current folder. Both stay until you remove them.\n"
	       "\n"
	       "Chat, names, sound and pictures of a meeting are in memory alone and gone when the program ends. What you type\n"
	       "is remembered for C-p only until then. There is no log, no telemetry, no account; nothing is sent to anybody but\n"
	       "the relay of the meeting. Others in a meeting learn your name, your number there, what you switched on, and what\n"
	       "kind of connection you have. The relay also sees your address, who talks and when, and, while meetings are\n"
	       "encrypted to the relay only, what is said: `moot-relay privacy` says what it keeps.\n");
	return 0;
}
