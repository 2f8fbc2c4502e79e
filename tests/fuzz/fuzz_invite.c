/* Any text as an invite, a relay's address and a line of known_relays: parts lie inside, what is printed is read again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/invite.h"
#include "net/text.h"
#include "net/trust.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct invite invite, again;
	struct trust_line line;
	const char *why = NULL;
	char printed[INVITE_SIZE], id[MOOT_ID_SIZE];
	char *text = malloc(size + 1);

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (!invite_parse(&invite, text, &why)) {
		if (invite.host[0] && invite_print(printed, sizeof printed, &invite) >= 0 &&
		    (invite_parse(&again, printed, &why) || strcmp(again.id, invite.id) != 0 ||
		     strcmp(again.passcode, invite.passcode) != 0 || again.port != invite.port))
			abort();
	} else if (!why) {
		abort();
	}
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
