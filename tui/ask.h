/* Questions on the terminal, before there is a screen: on standard error, answered on standard input. */
#ifndef MOOT_TUI_ASK_H
#define MOOT_TUI_ASK_H

#include <stdbool.h>
#include <stddef.h>

/** Is anybody there? */
bool ask_can(void);

/** One line into dst (size bytes). echo: show what is typed. 0, or -1 when nothing came or it is too long. */
int ask_line(const char *question, bool echo, char *dst, size_t size);

/** Yes or no; Enter alone is otherwise, no answer is no. */
bool ask_yes(const char *question, bool otherwise);

/** Yes only for "yes" in full: for what should not be answered in passing. */
bool ask_sure(const char *question);

#endif
