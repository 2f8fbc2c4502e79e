/* The command line of moot, from one table: parsing, --help and suggestions come out of it. */
#ifndef MOOT_TUI_OPTIONS_H
#define MOOT_TUI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum moot_command { MOOT_NONE, MOOT_HOST, MOOT_JOIN, MOOT_INVITE, MOOT_SCRIPT, MOOT_DEVICES, MOOT_COMMANDS };

/* Strings are borrowed from argv. NULL: not given. */
struct options {
	enum moot_command command;
	bool help, version;
	const char *target; /* join, invite: an invite, an id or a file; script: a file */
	const char *relay, *pin, *name, *title, *id, *home, *mic, *speaker, *camera, *share, *listen;
	const char *passcode_file, *token_file, *code_file, *bell, *view, *log;
	bool headless, muted, guest, tls12, trust, list_commands, seed_set, qr, spoken, seal;
	uint32_t seed;
	uint32_t port;      /* of the own relay; 0: any free one */
	uint32_t bandwidth; /* bits/s; 0: no cap */
	int cols, rows;     /* of the headless screen */
	double timeout_s;   /* 0: none */
};

/** Read the command line. Returns 0, or -EINVAL with why (at least 256 bytes) saying what is wrong and what
 * was probably meant. */
int options_parse(struct options *options, int argc, char *argv[], char *why, size_t size);

/** --help: of moot (MOOT_NONE) or of one command. */
void options_help(FILE *out, enum moot_command command);

/** "64k", "1.5M", "64000" -> bits/s. 0 or -EINVAL. */
int options_rate(uint32_t *rate, const char *text);
/** "80x24" -> 80, 24. 0 or -EINVAL. */
int options_size(int *cols, int *rows, const char *text);

#endif
