#include "tui/ask.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <termios.h>
#include <unistd.h>

bool ask_can(void)
{
	return isatty(STDIN_FILENO);
}

int ask_line(const char *question, bool echo, char *dst, size_t size)
{
	struct termios old, quiet;
	char line[512];
	bool hidden = false, read;
	int rc = -1;

	/* Before the question: who answers quickly must not be seen doing so. */
	if (!echo && tcgetattr(STDIN_FILENO, &old) == 0) {
		quiet = old;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		hidden = tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
	}
	fprintf(stderr, "%s", question);
	fflush(stderr);
	read = fgets(line, sizeof(line), stdin) != NULL;
	if (hidden)
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &old);
	if (!echo || !read)
		fputc('\n', stderr);
	if (read) {
		line[strcspn(line, "\r\n")] = '\0';
		if (strlen(line) < size) {
			memcpy(dst, line, strlen(line) + 1);
			rc = 0;
		}
	}
	explicit_bzero(line, sizeof(line));
	return rc;
}

bool ask_yes(const char *question, bool otherwise)
{
	char answer[32];

	if (ask_line(question, true, answer, sizeof(answer)) < 0)
		return false;
	return answer[0] ? !strcasecmp(answer, "y") || !strcasecmp(answer, "yes") : otherwise;
}

bool ask_sure(const char *question)
{
	char answer[32];

	return ask_line(question, true, answer, sizeof(answer)) == 0 && !strcasecmp(answer, "yes");
}
