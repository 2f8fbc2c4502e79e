/* Media: who may send is asked of the rules for every frame; who gets it is everyone in the same (breakout) room for
 * audio, if it is one of the loudest three there, and whoever of them shows that source for pictures. What somebody
 * shows of another room counts once both are in one. A frame is copied once; the queues share it. Payloads are never
 * looked into. */
#include <string.h>

#include "net/relay_state.h"

enum {
	FRAMES_PER_S = 250, FRAMES_BURST = 250,
	KEYFRAME_EVERY_US = 1000 * 1000,
	PICTURE_STREAMS = (1 << STREAM_COUNT) - 1 - (1 << STREAM_AUDIO),
};

static uint8_t wants(const struct member *receiver, uint32_t number)
{
	for (uint32_t i = 0; i < receiver->want_count; i++)
		if (receiver->wants[i].number == number)
			return receiver->wants[i].streams;
	return 0;
}

/* ---- keyframes ------------------------------------------------------------------------------------------ */

static void ask_keyframe(struct member *sender, enum stream stream)
{
	struct event event = { .kind = EVENT_KEYFRAME, .stream = stream };
	int64_t now_us = loop_now_us();

	sender->keyframe_due |= 1U << stream;
	if (!sender->conn || (sender->keyframe_us[stream] && now_us - sender->keyframe_us[stream] < KEYFRAME_EVERY_US))
		return;
	sender->keyframe_us[stream] = now_us;
	sender->keyframe_due &= ~(1U << stream);
	conn_event(sender->conn, &event);
}

/* Called as a frame of this stream goes by: one that was asked for too soon is asked for later. */
static void keyframe_passes(struct member *sender, const struct wire_frame *frame)
{
	if (frame->flags & WIRE_KEYFRAME)
		sender->keyframe_due &= ~(1U << frame->stream);
	else if (sender->keyframe_due >> frame->stream & 1)
		ask_keyframe(sender, frame->stream);
}

enum refusal media_keyframe(struct member *member, const struct command *command)
{
	struct member *sender = room_member(member->room, command->number);

	if (member->role <= ROLE_WAITING)
		return REFUSED_NOT_IN;
	if (!sender || sender->role <= ROLE_WAITING)
		return REFUSED_NO_SUCH_PERSON;
	if (command->stream == STREAM_AUDIO)
		return REFUSED_BAD_VALUE;
	if (sender->place == member->place)
		ask_keyframe(sender, (enum stream)command->stream);
	return REFUSED_NOT;
}

/* ---- who shows whom ------------------------------------------------------------------------------------- */

void media_tell_wanted(struct member *member, bool always)
{
	struct event event = { .kind = EVENT_WANTED };

	for (uint32_t s = 0; s < STREAM_COUNT; s++)
		if (member->wanted_by[s])
			event.stream |= 1U << s;
	if (!member->conn || (event.stream == member->wanted_told && !always))
		return;
	member->wanted_told = event.stream;
	conn_event(member->conn, &event);
}

static void count_wants(struct member *receiver, bool add)
{
	for (uint32_t i = 0; i < receiver->want_count; i++) {
		struct member *sender = room_member(receiver->room, receiver->wants[i].number);

		for (uint32_t s = 0; sender && sender->place == receiver->place && s < STREAM_COUNT; s++) {
			if (!(receiver->wants[i].streams >> s & 1))
				continue;
			if (add)
				sender->wanted_by[s]++;
			else if (sender->wanted_by[s])
				sender->wanted_by[s]--;
		}
	}
}

static void tell_wanted_all(struct room *room, const struct want *list, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		struct member *sender = room_member(room, list[i].number);

		if (sender && sender->role > ROLE_WAITING)
			media_tell_wanted(sender, false);
	}
}

/* Streams that a receiver did not show before begin with a keyframe. */
static void begin(struct member *receiver, const struct want *want, uint8_t before)
{
	struct member *sender = room_member(receiver->room, want->number);

	if (!sender || sender->place != receiver->place || !receiver->conn)
		return;
	for (uint8_t s = 0; s < STREAM_COUNT; s++) {
		if (!((want->streams & ~before) >> s & 1))
			continue;
		queue_picture_cut(receiver->conn->queue, (uint16_t)want->number, s);
		ask_keyframe(sender, (enum stream)s);
	}
}

enum refusal media_want(struct member *member, const struct command *command)
{
	struct member old = { .want_count = member->want_count };

	if (member->role <= ROLE_WAITING)
		return REFUSED_NOT_IN;
	memcpy(old.wants, member->wants, sizeof old.wants);
	count_wants(member, false);
	member->want_count = 0;
	for (uint32_t i = 0; i < command->who_count; i++) {
		uint8_t streams = command->layer[i] & PICTURE_STREAMS;

		if (streams && command->who[i] != member->number && !wants(member, command->who[i]))
			member->wants[member->want_count++] = (struct want){ command->who[i], streams };
	}
	count_wants(member, true);
	tell_wanted_all(member->room, old.wants, old.want_count);
	tell_wanted_all(member->room, member->wants, member->want_count);
	for (uint32_t i = 0; i < member->want_count; i++)
		begin(member, &member->wants[i], wants(&old, member->wants[i].number));
	return REFUSED_NOT;
}

void media_forget(struct member *member)
{
	uint32_t count = member->want_count;

	count_wants(member, false);
	member->want_count = 0;
	tell_wanted_all(member->room, member->wants, count);
}

/* All who show this member where it is now: each begins with a keyframe. */
static void count_watchers(struct member *member)
{
	struct room *room = member->room;

	for (uint32_t i = 0; i < room->members_size; i++) {
		struct member *receiver = room->members[i];
		struct want want = { member->number, receiver && receiver != member ? wants(receiver, member->number) : 0 };

		if (!want.streams || receiver->place != member->place)
			continue;
		for (uint32_t s = 0; s < STREAM_COUNT; s++)
			if (want.streams >> s & 1)
				member->wanted_by[s]++;
		begin(receiver, &want, 0);
	}
}

void media_move(struct member *member, uint32_t place)
{
	if (member->place == place)
		return;
	room_silence(member);
	count_wants(member, false);
	memset(member->wanted_by, 0, sizeof member->wanted_by);
	tell_wanted_all(member->room, member->wants, member->want_count);
	member->place = place;
	count_wants(member, true);
	count_watchers(member);
	tell_wanted_all(member->room, member->wants, member->want_count);
	if (member->role > ROLE_WAITING)
		media_tell_wanted(member, false);
	for (uint32_t i = 0; i < member->want_count; i++)
		begin(member, &member->wants[i], 0);
}

/* ---- frames --------------------------------------------------------------------------------------------- */

static uint32_t fan_out_audio(struct member *sender, struct buf *buf, int64_t now_us)
{
	struct member **listeners;
	uint32_t count = room_listeners(sender->room, &listeners), delivered = 0;

	for (uint32_t i = 0; i < count; i++) {
		struct conn *conn = listeners[i]->conn;

		if (listeners[i] == sender || listeners[i]->place != sender->place ||
		    queue_audio(conn->queue, buf, now_us))
			continue;
		pace_wake(conn, false);
		delivered++;
	}
	return delivered;
}

static uint32_t fan_out_picture(struct member *sender, const struct wire_frame *frame, struct buf *buf, int64_t now_us)
{
	struct member **listeners;
	uint32_t count = room_listeners(sender->room, &listeners), delivered = 0;
	bool keyframe = frame->flags & WIRE_KEYFRAME;

	for (uint32_t i = 0; i < count; i++) {
		struct conn *conn = listeners[i]->conn;

		if (listeners[i] == sender || listeners[i]->place != sender->place ||
		    !(wants(listeners[i], sender->number) >> frame->stream & 1))
			continue;
		if (queue_picture(conn->queue, buf, frame->source, (uint8_t)frame->stream, keyframe, now_us)) {
			ask_keyframe(sender, frame->stream);
			continue;
		}
		pace_wake(conn, false);
		delivered++;
	}
	keyframe_passes(sender, frame);
	return delivered;
}

static void forward(struct member *sender, const struct wire_frame *frame, const uint8_t *p, size_t n)
{
	struct room *room = sender->room;
	int64_t now_us = loop_now_us();
	struct buf *buf;
	uint32_t delivered;

	if (!meeting_may_send(room->meeting, sender->number, frame->stream))
		return;
	if (frame->stream == STREAM_AUDIO &&
	    !speakers_heard(&room->speakers[sender->place], sender->number, frame->level, now_us / 1000))
		return;
	if (frame->stream != STREAM_AUDIO && !sender->wanted_by[frame->stream])
		return;
	buf = buf_new(p, n);
	if (!buf)
		return;
	if (frame->stream == STREAM_AUDIO)
		delivered = fan_out_audio(sender, buf, now_us);
	else
		delivered = fan_out_picture(sender, frame, buf, now_us);
	pace_count(room->relay, delivered);
	buf_unref(buf);
}

int media_frame(struct conn *conn, const uint8_t *p, size_t n)
{
	struct wire_frame frame;
	bool flood, fits = bucket_take(&conn->frames, 1, FRAMES_PER_S, FRAMES_BURST, loop_now_us(), &flood);
	int used = wire_frame_decode(&frame, p, n);

	if (!conn->member)
		conn_drop(conn, LINK_END_POLICY, "Media before a meeting.");
	else if (used < 0)
		conn_drop(conn, LINK_END_BAD_DATA, "That was no media frame.");
	else if (frame.source != conn->member->number)
		conn_drop(conn, LINK_END_POLICY, "Not your own source.");
	else if (flood)
		conn_drop(conn, LINK_END_FLOOD, "Too many frames.");
	else if (fits)
		forward(conn->member, &frame, p, (size_t)used);
	return conn->closing ? -1 : used;
}
