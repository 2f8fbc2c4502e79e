/* Prints the parts of moot(1) that are tables in the code: the commands of a meeting. Run while installing. */
#include <stdio.h>
#include <string.h>

#include "tui/command.h"

/* A hyphen that stays a hyphen, a backslash that stays one, no dot at the start. */
static void put(const char *text)
{
	for (; *text; text++)
		if (*text == '-' || *text == '\\')
			printf("\\%c", *text == '-' ? '-' : 'e');
		else
			putchar(*text);
}

int main(void)
{
	static const char *const who[ROLE_COUNT] = { [ROLE_COHOST] = " Hosts.", [ROLE_HOST] = " The host." };
	const char *group = "";

	for (const struct command_info *info = command_table(); info->name; info++) {
		if (strcmp(group, info->group) != 0)
			printf(".SS %s\n", group = info->group);
		printf(".TP\n.BI /");
		put(info->name);
		printf(" \" ");
		put(info->usage);
		printf("\"\n");
		put(info->help);
		printf(".%s Example:\n.B \"", who[info->least] ? who[info->least] : "");
		put(info->example);
		printf("\"\n");
	}
	return 0;
}
