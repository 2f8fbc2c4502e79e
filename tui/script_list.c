/* What a script can call, as a list for people. The commands come out of the one table. */
#include "tui/script_state.h"

#include <stdio.h>
#include <string.h>

#include "tui/command.h"

static const struct {
	const char *call, *help;
} moot[] = {
	{ "moot.host{name=, title=, id=, passcode=, CONTROL=}", "a meeting and its host; waiting_room=\"off\" and the like" },
	{ "moot.join{name=, to=, passcode=, as=, kind=, wait=}", "somebody at the door of the last meeting, or of to's" },
	{ "  … by=\"link\" or \"passcode\", remember=", "how one comes in; whether whom one meets is known again" },
	{ "  … mic=, speaker=, camera=, view=, muted=", "sound and pictures: none unless asked for" },
	{ "moot.swarm{n=, speak=, name=\"guest %d\"}", "many at once; a table of them" },
	{ "moot.all(PEOPLE, COMMAND, …)", "one command by each of them, at once" },
	{ "moot.relay{policy=, args=}", "a relay of its own: :reload(POLICY) :stop() :kill() :start()" },
	{ "moot.test(NAME, FUNCTION)", "one test; who came in it leaves at its end" },
	{ "moot.check(CONDITION, WHAT)", "a step" },
	{ "moot.equal(HAVE, WANT, WHAT)", "a step; tables count by what is in them" },
	{ "moot.eventually(WHAT, FUNCTION, WITHIN)", "a step: the function says true after a while" },
	{ "moot.say(TEXT), moot.seconds(), moot.seed", "a line for people; since the start; of math.random" },
}, person[] = {
	{ "p:COMMAND(…)", "does it, or the test fails; the answer as a table" },
	{ "p:try(COMMAND, …)", "the answer, whatever it is" },
	{ "p:refused(CODE, COMMAND, …)", "a step: is refused so" },
	{ "p:type(LINE)", "as typed" },
	{ "p:expect(EVENT, WHERE, WITHIN)", "a step: comes, or has since the last one expected; the event" },
	{ "p:refute(EVENT, WHERE, WITHIN)", "a step: has not come since the last command in the script, nor does" },
	{ "p:state(), p:screen()", "the meeting as p sees it; the lines of its screen" },
	{ "p:net{drop=true, stall=, rate=}", "the line fails" },
	{ "p:vanish()", "gone at once, without a word" },
	{ "p.name .number .presence .exit", "presence: in, waiting, out; exit: its status, once out" },
	{ "p.id .passcode .invite", "of its meeting" },
};

static void put(const char *call, const char *help)
{
	printf("  %-54s %s\n", call, help);
}

void script_list(void)
{
	char call[128];

	printf("The module:\n");
	for (size_t i = 0; i < sizeof(moot) / sizeof(moot[0]); i++)
		put(moot[i].call, moot[i].help);
	printf("\nA participant p:\n");
	for (size_t i = 0; i < sizeof(person) / sizeof(person[0]); i++)
		put(person[i].call, person[i].help);
	printf("\nCommands of p, each word an argument (a participant stands for its number, true for on):\n");
	for (const struct command_info *info = command_table(); info->name; info++) {
		int n = snprintf(call, sizeof(call), "%s", info->name);

		for (int i = 0; i < n; i++)
			if (call[i] == '-')
				call[i] = '_';
		snprintf(call + n, sizeof(call) - (size_t)n, " %s", info->usage);
		put(call, info->help);
	}
	printf("\nWhere Lua or a field has a command's word, put _ behind it: p:end_(), p:name_(\"Robert\").\n");
}
