/* B = LV(1, versions, name, IK, EK, mode): every part at its own place, so that there is one encoding. */
#include "net/seal/binding.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

#include "net/seal/lv.h"

enum {
	BINDING_FORMAT = 1,
	PROTOCOL = 1,                   /* moot1: the versions that this client speaks, one byte each */
	SIGNED_MAX = 80 * 1024,
};

/* LV("moot1 " + context, id, uuid, m). Returns its length, or -EINVAL. p: n bytes. */
static int message_of(uint8_t *p, size_t size, const struct seal_meeting *meeting, const char *context, struct seal_bytes m)
{
	struct lv lv = lv_into(p, size);
	char whole[40];

	if (snprintf(whole, sizeof(whole), "moot1 %s", context) >= (int)sizeof(whole))
		return -EINVAL;
	lv_text(&lv, whole);
	lv_bytes(&lv, meeting->id, strnlen(meeting->id, sizeof(meeting->id)));
	lv_bytes(&lv, meeting->uuid, sizeof(meeting->uuid));
	lv_bytes(&lv, m.p, m.n);
	return lv.full ? -EINVAL : (int)lv.n;
}

int seal_sign_for(uint8_t sig[static SEAL_SIG], const struct seal_meeting *meeting, const char *context,
		  const uint8_t ik_secret[static 64], struct seal_bytes m)
{
	uint8_t message[SIGNED_MAX];
	int n = message_of(message, sizeof(message), meeting, context, m);

	return n < 0 ? -EIO : seal_sign(sig, ik_secret, (struct seal_bytes) { message, (size_t)n });
}

int seal_verify_for(const uint8_t sig[static SEAL_SIG], const struct seal_meeting *meeting, const char *context,
		    const uint8_t ik[static SEAL_KEY], struct seal_bytes m)
{
	uint8_t message[SIGNED_MAX];
	int n = message_of(message, sizeof(message), meeting, context, m);

	return n < 0 ? -EBADMSG : seal_verify(sig, ik, (struct seal_bytes) { message, (size_t)n });
}

static bool name_fits(const uint8_t *name, size_t n)
{
	utf8proc_int32_t c;

	if (!n || n > SEAL_NAME)
		return false;
	for (size_t i = 0; i < n;) {
		utf8proc_ssize_t used = utf8proc_iterate(name + i, (utf8proc_ssize_t)(n - i), &c);

		if (used < 1 || c < ' ' || c == 0x7F)
			return false;
		i += (size_t)used;
	}
	return true;
}

int seal_self_make(struct seal_self *self, const struct seal_meeting *meeting, const char *name,
		   const uint8_t ik_secret[static 64], enum seal_mode mode)
{
	struct binding *binding = &self->binding;
	uint8_t b[SEAL_SB], sig[SEAL_SIG], version = PROTOCOL, format = BINDING_FORMAT, how = (uint8_t)mode;
	size_t n = strlen(name);
	struct lv lv = lv_into(b, sizeof(b)), sb = lv_into(binding->sb, sizeof(binding->sb));
	int err;

	if (!name_fits((const uint8_t *)name, n))
		return -EINVAL;
	memcpy(self->ik_secret, ik_secret, sizeof(self->ik_secret));
	memcpy(binding->ik, ik_secret + 32, SEAL_KEY);
	memcpy(binding->name, name, n + 1);
	binding->mode = mode;
	err = seal_pair(self->ek_secret, binding->ek);
	if (err)
		return err;
	lv_bytes(&lv, &format, 1);
	lv_bytes(&lv, &version, 1);
	lv_bytes(&lv, name, n);
	lv_bytes(&lv, binding->ik, SEAL_KEY);
	lv_bytes(&lv, binding->ek, SEAL_KEY);
	lv_bytes(&lv, &how, 1);
	err = seal_sign_for(sig, meeting, "binding", ik_secret, (struct seal_bytes) { b, lv.n });
	if (err)
		return err;
	lv_bytes(&sb, b, lv.n);
	lv_bytes(&sb, sig, sizeof(sig));
	binding->sb_n = (uint16_t)sb.n;
	return seal_hash(binding->b, (struct seal_bytes) { binding->sb, sb.n });
}

void seal_self_erase(struct seal_self *self)
{
	seal_erase(self, sizeof(*self));
}

static bool read_inner(struct binding *binding, const uint8_t *b, size_t n)
{
	struct lv_reader reader = lv_from(b, n);
	uint8_t format = 0, mode = 0;
	size_t versions_n, name_n;
	const uint8_t *versions, *name;

	lv_read_exactly(&reader, &format, 1);
	versions = lv_read(&reader, &versions_n);
	name = lv_read(&reader, &name_n);
	lv_read_exactly(&reader, binding->ik, SEAL_KEY);
	lv_read_exactly(&reader, binding->ek, SEAL_KEY);
	lv_read_exactly(&reader, &mode, 1);
	if (!lv_done(&reader) || format != BINDING_FORMAT || !versions_n || !memchr(versions, PROTOCOL, versions_n) ||
	    mode >= SEAL_MODE_COUNT || !name_fits(name, name_n))
		return false;
	memcpy(binding->name, name, name_n);
	binding->name[name_n] = '\0';
	binding->mode = (enum seal_mode)mode;
	return true;
}

/* A newcomer is told of everybody and then reads them in rosters; a thousand checks of signatures are worth remembering. By b,
 * which is the hash of all that was signed and of the signature. */
static bool is_known(const uint8_t b[static SEAL_HASH], const struct seal_meeting *meeting, bool remember)
{
	enum { KNOWN = 1024 };
	static _Thread_local struct {
		uint8_t b[SEAL_HASH];
		struct seal_meeting meeting;
	} known[KNOWN];
	const size_t at = (size_t)(b[0] << 8 | b[1]) % KNOWN;

	if (remember) {
		memcpy(known[at].b, b, SEAL_HASH);
		known[at].meeting = *meeting;
	}
	return !memcmp(known[at].b, b, SEAL_HASH) && !memcmp(known[at].meeting.uuid, meeting->uuid, SEAL_UUID) &&
	       !strcmp(known[at].meeting.id, meeting->id);
}

int binding_read(struct binding *binding, const struct seal_meeting *meeting, struct seal_bytes sb)
{
	struct lv_reader reader = lv_from(sb.p, sb.n);
	const uint8_t *b;
	uint8_t sig[SEAL_SIG];
	size_t n;

	memset(binding, 0, sizeof(*binding));
	if (sb.n > SEAL_SB)
		return -EBADMSG;
	b = lv_read(&reader, &n);
	lv_read_exactly(&reader, sig, sizeof(sig));
	if (!lv_done(&reader) || !read_inner(binding, b, n) || seal_hash(binding->b, sb) ||
	    (!is_known(binding->b, meeting, false) &&
	     seal_verify_for(sig, meeting, "binding", binding->ik, (struct seal_bytes) { b, n }))) {
		memset(binding, 0, sizeof(*binding));
		return -EBADMSG;
	}
	is_known(binding->b, meeting, true);
	memcpy(binding->sb, sb.p, sb.n);
	binding->sb_n = (uint16_t)sb.n;
	return 0;
}
