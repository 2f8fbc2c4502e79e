/* The whole of it: what the relay tells is noted in `seen`, what the members sign moves the group, and after each of the two
 * whoever leads makes them agree. */
#include "net/secure_state.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/text.h"

enum { TICK_MS = 100 };

/* ---- birth and death ---------------------------------------------------------------------------------- */

struct secure *secure_new(const struct secure_params *params, const struct secure_ops *ops, void *arg)
{
	struct secure *secure = calloc(1, sizeof(*secure));

	if (!secure)
		return NULL;
	secure->params = *params;
	secure->ops = ops;
	secure->arg = arg;
	secure->wrong_codes = params->wrong_codes;
	secure->waiting_room = true;
	memcpy(secure->ik, params->ik_secret + 32, sizeof(secure->ik)); /* libsodium keeps seed and key together */
	if (text_name(secure->name, params->name))
		snprintf(secure->name, sizeof(secure->name), "%.*s", MOOT_NAME_CHARS, params->name);
	return secure;
}

void secure_forget_people(struct secure *secure)
{
	while (secure->guests_n)
		secure_guest_drop(secure, secure->guests[0]);
	while (secure->seen_n)
		free(secure->seen[--secure->seen_n].renamed);
}

/* A new run: who was in the one before need not be let in once more. */
static void remember_members(struct secure *secure)
{
	const size_t n = secure->group ? group_count(secure->group) : 0;
	struct group_member member;

	if (!n)
		return;
	free(secure->before);
	secure->before = calloc(n, sizeof(*secure->before));
	secure->before_n = 0;
	while (secure->before && group_at(secure->group, secure->before_n, &member))
		memcpy(secure->before[secure->before_n++], member.binding->ik, SEAL_KEY);
}

void secure_forget_group(struct secure *secure)
{
	remember_members(secure);
	group_free(secure->group);
	secure->group = NULL;
	free(secure->listing);
	free(secure->roster);
	secure_uploaded(secure, UINT32_MAX);
	secure->listing = secure->roster = NULL;
	secure->listing_n = secure->roster_n = 0;
	secure->sent_epoch = secure->turned_epoch = secure->gap_epoch = 0;
	secure->turned_ms = 0;
	secure->oust_n = 0;
	join_joiner_erase(&secure->join);
	secure->joining = secure->proven = false;
	if (secure->has_self)
		seal_self_erase(&secure->self);
	secure->has_self = false;
}

void secure_free(struct secure *secure)
{
	if (!secure)
		return;
	secure_forget_group(secure);
	secure_forget_people(secure);
	secure_talk_clear(secure);
	free(secure->seen);
	free(secure->guests);
	free(secure->banned);
	free(secure->before);
	free(secure->left);
	seal_erase(secure, sizeof(*secure));
	free(secure);
}

/* ---- pieces, the line, time -------------------------------------------------------------------------- */

void secure_piece(struct secure *secure, const struct wire_piece *piece, int64_t now_ms)
{
	switch (piece->kind) {
	case WIRE_HELLO:
	case WIRE_CHALLENGE:
	case WIRE_PROOF:
	case WIRE_WELCOME:
	case WIRE_PROVEN: secure_door_piece(secure, piece, now_ms); break;
	case WIRE_ORDER: secure_order_piece(secure, piece, now_ms); break;
	case WIRE_WHISPER: secure_whisper_piece(secure, piece, now_ms); break;
	default: secure_keys_piece(secure, piece, now_ms); break;
	}
}

void secure_line(struct secure *secure, bool up)
{
	secure->up = up;
	secure->synced = false;
	if (!up)
		return;
	for (size_t i = 0; i < secure->seen_n; i++) {
		if (secure->seen[i].place == PLACE_IN)
			secure->seen[i].place = PLACE_OUT;
		secure_whisper_again(&secure->seen[i], secure->ticked_ms);
	}
}

static void tell_keys(struct secure *secure, int64_t now_ms)
{
	const uint32_t epoch = secure->group ? group_send_epoch(secure->group, now_ms) : 0;

	if (epoch == secure->sent_epoch)
		return;
	secure->sent_epoch = epoch;
	if (epoch)
		secure->ops->on_keys(secure->arg);
}

static void tell_security(struct secure *secure, int64_t now_ms)
{
	struct session_security now;

	secure_security(secure, &now, now_ms);
	now.epoch = 0;
	now.turned_ms = 0;
	if (!memcmp(&now, &secure->told, sizeof(now)))
		return;
	secure->told = now;
	secure->ops->on_security(secure->arg);
}

int64_t secure_tick(struct secure *secure, int64_t now_ms)
{
	int64_t due_ms;

	if (!secure->started_ms)
		secure->started_ms = now_ms;
	secure->ticked_ms = now_ms;
	secure_door_tick(secure, now_ms);
	if (secure->group) {
		secure_keys_tick(secure, now_ms);
		secure_whisper_tick(secure, now_ms);
		if (secure->group)
			secure_release(secure, now_ms);
	}
	tell_keys(secure, now_ms);
	tell_security(secure, now_ms);
	due_ms = secure->group && secure->synced ? group_due_ms(secure->group) - now_ms : TICK_MS;
	return due_ms < 1 ? 1 : due_ms < TICK_MS ? due_ms : TICK_MS;
}

void secure_notice(struct secure *secure, const char *code, const char *format, ...)
{
	struct event *event = &secure->event;
	va_list ap;

	memset(event, 0, sizeof(*event));
	event->kind = EVENT_ERROR;
	snprintf(event->code, sizeof(event->code), "%s", code);
	va_start(ap, format);
	vsnprintf(event->text, sizeof(event->text), format, ap);
	va_end(ap);
	secure->ops->on_event(secure->arg, event);
}
