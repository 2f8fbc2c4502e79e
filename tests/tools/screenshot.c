/* A picture of the real thing for the README: a relay, a host at a terminal of 100x30 in true colour, three
 * guests, one of them at the door. Writes an SVG file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/e2e/stage.h"

static const char *const silent[] = { "--mic", "silence", "--camera", "none", NULL };
static const char *const talking[] = { "--mic", "tone:300", "--camera", "tests/fixtures/talk.webm", NULL };

static void join(struct peer *peer, struct term *host, const struct relay *relay, const char *name,
		 const char *const extra[])
{
	const char *args[24] = { "join",  STAGE_ID,   "--relay", relay->address,
				 "--pin", relay->pin, "--name",  name };
	char waits[128];
	int n = 8;

	for (size_t i = 0; extra[i]; i++)
		args[n++] = extra[i];
	args[n] = NULL;
	peer_start(peer, name, NULL, args);
	snprintf(waits, sizeof(waits), "%s waits", name);
	term_wait(host, waits);
}

static void enter(struct peer *peer, struct term *host, const struct relay *relay, const char *name,
		  const char *const extra[])
{
	join(peer, host, relay, name, extra);
	term_type(host, "\033a");
	peer_wait(peer, "joined", NULL);
}

int main(int argc, char *argv[])
{
	const char *const mine[] = { "--mic", "silence", "--speaker",      "null", "--camera",
				     "none",  "--title", "Monday morning", NULL };
	const struct stage_params params = { .rows = 30,
					     .cols = 100,
					     .args = mine,
					     .env = (const char *const[]) { "COLORTERM=truecolor", NULL } };
	struct relay relay = { .home = "" };
	struct peer bo, eleni, wei, eve;
	struct term *ann;
	FILE *out;

	if (argc != 2) {
		fprintf(stderr, "usage: screenshot FILE.svg\n");
		return 2;
	}
	setenv("MOOT_PASSCODE", STAGE_PASSCODE, 1);
	relay_start(&relay, NULL);
	ann = stage_host(&relay, "Ann", &params);
	enter(&bo, ann, &relay, "Bo", talking);
	enter(&eleni, ann, &relay, "Ελένη", silent);
	enter(&wei, ann, &relay, "王伟", silent);
	peer_ok(&eleni, "mute", NULL);
	peer_ok(&wei, "raise", NULL);
	stage_say(ann, "Good morning! Can everybody hear me?");
	peer_wait(&bo, "chat", NULL);
	peer_ok(&bo, "chat", "Loud and clear 👍", NULL);
	peer_ok(&eleni, "chat", "Καλημέρα σε όλους! Σας ακούω, αλλά το μικρόφωνό μου είναι κλειστό.", NULL);
	peer_ok(&wei, "chat", "大家早上好,我们开始吧。", NULL);
	peer_ok(&bo, "msg", "Ann", "shall we let Eve in?", NULL);
	join(&eve, ann, &relay, "Eve", silent);
	term_type(ann, "/admit E");
	term_wait(ann, "> /admit E");
	/* The picture comes coarse, then fine. */
	term_wait(ann, "0:08");
	term_settle(ann, 10);
	out = fopen(argv[1], "w");
	if (!out || term_svg(ann, out) < 0 || fclose(out)) {
		perror(argv[1]);
		return 1;
	}
	term_type(ann, "\025");
	stage_say(ann, "/end");
	term_wait_exit(ann);
	term_free(ann);
	peer_finish(&bo);
	peer_finish(&eleni);
	peer_finish(&wei);
	relay_stop(&relay);
	return 0;
}
