/* The relay of these tests carries only what it is told to. */
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/net/hall.h"

static const uint8_t header[12] = { 0, 0, 80, 0, 0, 1, 0, 30, 1, 2, 3, 4 };

static uint16_t idx_of(unsigned i)
{
	return (uint16_t)(i + 1);
}

struct group *hall_group(struct hall *hall, unsigned i)
{
	return hall->people[i].group;
}

struct group *hall_person(struct hall *hall, unsigned i, uint16_t idx)
{
	struct hall_person *person = &hall->people[i];
	char name[32];

	snprintf(name, sizeof name, "Person %u", i);
	assert_int_equal(seal_self_make(&person->self, &hall->meeting, name, person->ik, SEAL_MODE_END), 0);
	group_free(person->group);
	person->group =
		group_new(&hall->meeting, &person->self, idx ? idx : idx_of(i), hall->h[0] ? hall->h : NULL);
	assert_non_null(person->group);
	person->joined = 0;
	return person->group;
}

void hall_open(struct hall *hall, bool hosts_known)
{
	uint8_t pk[SEAL_KEY];

	memset(hall, 0, sizeof *hall);
	hall->now_ms = 1700000000000;
	strcpy(hall->meeting.id, "482913775");
	assert_int_equal(seal_random(hall->meeting.uuid, sizeof hall->meeting.uuid), 0);
	for (unsigned i = 0; i < HALL_PEOPLE; i++)
		do {
			crypto_sign_keypair(pk, hall->people[i].ik);
			if (i == 0 && hosts_known)
				crypto_hash_sha256(hall->h, pk, sizeof pk);
		} while (i == 0 && hosts_known && !hall->h[0]);
	hall_begin(hall);
}

void hall_begin(struct hall *hall)
{
	for (unsigned i = 0; i < HALL_PEOPLE; i++)
		hall_person(hall, i, 0);
	assert_int_equal(group_lead(hall_group(hall, 0), GROUP_HOST, hall->now_ms), 0);
	hall_turn(hall, 0);
	hall->people[0].joined = 1;
}

void hall_close(struct hall *hall)
{
	for (unsigned i = 0; i < HALL_PEOPLE; i++)
		group_free(hall->people[i].group);
	rotation_clear(&hall->last);
}

void hall_knock(struct hall *hall, unsigned leader, unsigned i)
{
	struct hall_person *person = &hall->people[i];

	seal_random(person->psk, sizeof person->psk);
	seal_random(person->nonce, sizeof person->nonce);
	group_expect(person->group, hall->people[leader].self.binding.b, person->psk, person->nonce);
	for (unsigned k = 0; k < HALL_PEOPLE; k++) {
		struct binding *binding = &hall->people[k].self.binding;
		if (hall->people[k].joined)
			assert_int_equal(group_hint(person->group, idx_of(k),
						    (struct seal_bytes) { binding->sb, binding->sb_n }),
					 0);
	}
}

static void stage(struct hall *hall, unsigned leader, unsigned i, enum group_role role)
{
	struct hall_person *person = &hall->people[i];
	struct seal_bytes sb = { person->self.binding.sb, person->self.binding.sb_n };

	assert_int_equal(group_stage_add(hall_group(hall, leader), idx_of(i), role, sb, person->psk,
					 person->nonce, hall->now_ms),
			 0);
	person->joined = group_epoch(hall_group(hall, leader)) + 1;
}

void hall_join(struct hall *hall, unsigned leader, unsigned i, enum group_role role)
{
	hall_knock(hall, leader, i);
	stage(hall, leader, i, role);
	hall_rotate(hall, leader);
	assert_int_equal(hall->people[i].last, GROUP_ACCEPTED);
}

void hall_turn(struct hall *hall, unsigned leader)
{
	rotation_clear(&hall->last);
	assert_int_equal(group_rotate(hall_group(hall, leader), &hall->last, hall->now_ms), 0);
}

void hall_rotate(struct hall *hall, unsigned leader)
{
	hall_turn(hall, leader);
	for (unsigned i = 0; i < HALL_PEOPLE; i++)
		if (i != leader && hall->people[i].joined)
			hall_tell(hall, i);
}

struct seal_bytes hall_roster(const struct hall *hall)
{
	return (struct seal_bytes) { hall->last.roster, hall->last.roster_bytes };
}

struct seal_bytes hall_wrap(const struct hall *hall, unsigned i)
{
	for (size_t k = 0; k < hall->last.wrap_count; k++)
		if (hall->last.wraps[k].idx == idx_of(i))
			return SEAL_BYTES(hall->last.wraps[k].bytes);
	return (struct seal_bytes) { NULL, 0 };
}

struct seal_bytes hall_listing(const struct hall *hall)
{
	return (struct seal_bytes) { hall->last.listing, hall->last.listing_bytes };
}

enum group_verdict hall_tell(struct hall *hall, unsigned i)
{
	struct hall_person *person = &hall->people[i];

	person->last = group_receive(person->group, hall_roster(hall), hall_wrap(hall, i), hall_listing(hall),
				     hall->now_ms);
	return person->last;
}

void hall_beat(struct hall *hall, unsigned leader)
{
	uint8_t beat[GROUP_HEARTBEAT];
	int n = group_make_heartbeat(hall_group(hall, leader), beat, hall->now_ms);

	assert_true(n > 0);
	for (unsigned i = 0; i < HALL_PEOPLE; i++)
		if (i != leader && hall->people[i].joined)
			hall->people[i].last = group_receive_heartbeat(
				hall_group(hall, i), (struct seal_bytes) { beat, (size_t)n }, hall->now_ms);
}

int hall_say(struct hall *hall, unsigned from, uint8_t out[static 256])
{
	static const uint8_t voice[80] = "a voice that nobody else may hear";

	return group_seal(hall_group(hall, from), GROUP_AUDIO, SEAL_BYTES(header), voice, sizeof voice, out,
			  256, hall->now_ms);
}

int hall_hear(struct hall *hall, unsigned to, unsigned from, const uint8_t *frame, size_t n)
{
	struct group_from who;
	uint8_t out[256];

	return group_open(hall_group(hall, to), idx_of(from), GROUP_AUDIO, SEAL_BYTES(header), frame, n, out,
			  sizeof out, &who, hall->now_ms);
}

bool hall_hears(struct hall *hall, unsigned from, unsigned to)
{
	uint8_t frame[256];
	int n = hall_say(hall, from, frame);

	return n > 0 && hall_hear(hall, to, from, frame, (size_t)n) == 80;
}

size_t hall_forge(struct hall *hall, unsigned signer, const struct group_roster *roster, uint8_t *out)
{
	int n = group_roster_write(roster, out, GROUP_ROSTER - SEAL_SIG);

	assert_true(n > 0);
	assert_int_equal(seal_sign_for(out + n, &hall->meeting, "roster", hall->people[signer].ik,
				       (struct seal_bytes) { out, (size_t)n }),
			 0);
	return (size_t)n + SEAL_SIG;
}

struct group_roster hall_next(struct hall *hall, unsigned i)
{
	struct group *group = hall_group(hall, i);
	struct group_roster roster = {
		.e = group->e + 1,
		.leader = group->leader,
		.flags = group->flags,
		.time_ms = hall->now_ms,
	};

	memcpy(roster.prev, group->h_e, sizeof roster.prev);
	assert_int_equal(seats_hash(roster.members, &group->seats), 0);
	return roster;
}
