/* Any text as an invite, a relay's address and a line of known_relays: parts lie inside, what is printed is read again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/invite.h"
#include "net/text.h"
#include "net/trust.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* All but the passcode comes back. */
static void check_printed(const struct invite *invite)
{
	char printed[INVITE_SIZE];
	struct invite again;

	if (invite_print_spoken(printed, sizeof printed, invite) < 0)
		abort();
	if (!invite->host[0])
		return;
	if (invite_print(printed, sizeof printed, invite) < 0 || invite_parse(&again, printed, NULL) ||
	    strcmp(again.host, invite->host) != 0 || again.port != invite->port || strcmp(again.id, invite->id) != 0 ||
	    strcmp(again.pin, invite->pin) != 0 || again.passcode[0] || again.has_secret != invite->has_secret ||
	    again.has_host != invite->has_host)
		abort();
	if ((again.has_secret && memcmp(again.secret, invite->secret, INVITE_SECRET) != 0) ||
	    (again.has_host && memcmp(again.host_hash, invite->host_hash, INVITE_HOST) != 0))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct invite invite;
	struct trust_line line;
	const char *why = NULL;
	char printed[INVITE_SIZE], id[MOOT_ID_SIZE];
	char *text = malloc(size + 1);

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (!invite_parse(&invite, text, &why))
		check_printed(&invite);
	else if (!why)
		abort();
	invite_parse_relay(&invite, text);
	if (!text_id(id, text))
		text_id_show(printed, id);
	if (!trust_line_parse(&line, text, size) &&
	    (line.host_port < text || line.host_port + line.host_port_bytes > text + size || line.pin < text ||
	     line.pin + line.pin_bytes > text + size))
		abort();
	free(text);
	return 0;
}
