/* Chat and commands: LV strings with a signature by the key of the sender's binding. */
#include <errno.h>
#include <string.h>

#include "net/seal/group_state.h"
#include "net/seal/talk.h"

enum { TALK_SIGNED = TALK_COMMAND + 2 * SEAL_HASH + 64, TALK_PAD = 64 };

/* ---- chat -------------------------------------------------------------------------------------- */

static struct seal_bytes chat_signed(uint8_t out[static TALK_SIGNED], const uint8_t h_e[static SEAL_HASH],
				     const uint8_t b[static SEAL_HASH], const struct talk *talk, size_t n)
{
	struct lv lv = lv_into(out, TALK_SIGNED);

	lv_bytes(&lv, h_e, SEAL_HASH);
	lv_bytes(&lv, b, SEAL_HASH);
	lv_u64(&lv, talk->seq);
	lv_u16(&lv, talk->to);
	lv_bytes(&lv, talk->text, n);
	return (struct seal_bytes) { out, lv.n };
}

static bool is_alone(uint16_t to)
{
	return to && to <= GROUP_IDX_MAX;
}

static int chat_plain(struct group *group, const struct epoch *epoch, const struct talk *talk, size_t n,
		      uint8_t out[static TALK_PLAIN])
{
	struct lv lv = lv_into(out, TALK_PLAIN);
	uint8_t m[TALK_SIGNED], sig[SEAL_SIG];
	size_t padded;
	int err;

	err = seal_sign_for(sig, &group->meeting, "chat", group->self.ik_secret,
			    chat_signed(m, epoch->h, group->self.binding.b, talk, n));
	seal_erase(m, sizeof m);
	if (err < 0)
		return err;
	lv_u64(&lv, talk->seq);
	lv_u16(&lv, talk->to);
	lv_bytes(&lv, talk->text, n);
	lv_bytes(&lv, sig, sizeof sig);
	padded = (lv.n + TALK_PAD - 1) / TALK_PAD * TALK_PAD;
	memset(out + lv.n, 0, padded - lv.n);
	return (int)padded;
}

int talk_seal(struct group *group, uint16_t to, const char *text, size_t n, struct seal_bytes metadata,
	      uint8_t out[static TALK_FRAME], int64_t now_ms)
{
	const struct epoch *epoch = group_epoch_of(group, group_write_epoch(group, now_ms));
	struct talk talk = { .to = to, .seq = group->chat_seq + 1 };
	uint8_t plain[TALK_PLAIN];
	int len;

	if (n > TALK_TEXT || memchr(text, 0, n))
		return -EINVAL;
	if (!epoch)
		return -EPERM;
	memcpy(talk.text, text, n);
	len = chat_plain(group, epoch, &talk, n, plain);
	if (len >= 0 && is_alone(to))
		len = group_seal_private(group, to, metadata, plain, (size_t)len, out, TALK_FRAME, now_ms);
	else if (len >= 0)
		len = group_seal(group, GROUP_CHAT, metadata, plain, (size_t)len, out, TALK_FRAME, now_ms);
	if (len >= 0)
		group->chat_seq++;
	seal_erase(plain, sizeof plain);
	seal_erase(&talk, sizeof talk);
	return len;
}

/* Zeros up to the next multiple, and no more of them. */
static bool is_padding(const uint8_t *p, size_t n, size_t whole)
{
	uint8_t any = 0;

	for (size_t i = 0; i < n; i++)
		any |= p[i];
	return !any && n < TALK_PAD && whole % TALK_PAD == 0;
}

static int chat_read(const uint8_t *plain, size_t n, struct talk *talk, size_t *text_n,
		     uint8_t sig[static SEAL_SIG])
{
	struct lv_reader reader = lv_from(plain, n);
	const uint8_t *text;

	talk->seq = lv_read_u64(&reader);
	talk->to = lv_read_u16(&reader);
	text = lv_read(&reader, text_n);
	lv_read_exactly(&reader, sig, SEAL_SIG);
	if (reader.bad || *text_n > TALK_TEXT || !is_padding(reader.p, reader.n, n) ||
	    memchr(text, 0, *text_n))
		return -EBADMSG;
	memcpy(talk->text, text, *text_n);
	talk->text[*text_n] = '\0';
	return 0;
}

int talk_read(struct group *group, const struct group_from *from, const uint8_t *plain, size_t n,
	      struct talk *talk)
{
	struct seat *seat = seats_find(&group->seats, from->idx);
	const struct epoch *epoch = group_epoch_of(group, from->epoch);
	const bool alone = from->stream == GROUP_PRIVATE;
	struct talk in = { .from = from->idx, .alone = alone };
	uint8_t m[TALK_SIGNED], sig[SEAL_SIG];
	struct seal_bytes said;
	size_t text_n = 0;

	if (!seat || !epoch || (!alone && from->stream != GROUP_CHAT) ||
	    chat_read(plain, n, &in, &text_n, sig) < 0)
		return -EBADMSG;
	if (alone ? in.to != group->idx : is_alone(in.to))
		return -EBADMSG;
	said = chat_signed(m, epoch->h, seat->member->binding.b, &in, text_n);
	if (in.seq <= seat->member->said[alone] ||
	    seal_verify_for(sig, &group->meeting, "chat", seat->member->binding.ik, said) < 0)
		return -EBADMSG;
	seat->member->said[alone] = in.seq;
	*talk = in;
	return 0;
}

/* ---- commands ---------------------------------------------------------------------------------- */

static struct seal_bytes command_signed(uint8_t out[static TALK_SIGNED], const uint8_t h_e[static SEAL_HASH],
					uint64_t seq, const char *word, struct seal_bytes args)
{
	struct lv lv = lv_into(out, TALK_SIGNED);

	lv_bytes(&lv, h_e, SEAL_HASH);
	lv_u64(&lv, seq);
	lv_text(&lv, word);
	lv_bytes(&lv, args.p, args.n);
	return (struct seal_bytes) { out, lv.n };
}

/* Everybody may say what they want to be called: that it is only oneself, who gets it must see. */
static bool commands(const struct seat *seat, const char *word)
{
	return seat && (seat->role == GROUP_HOST || seat->role == GROUP_COHOST || !strcmp(word, "rename"));
}

int talk_command_make(struct group *group, const char *word, struct seal_bytes args,
		      uint8_t out[static TALK_COMMAND])
{
	struct lv lv = lv_into(out, TALK_COMMAND);
	uint8_t m[TALK_SIGNED], sig[SEAL_SIG];
	const uint64_t seq = group->command_seq + 1;

	if (!group->in || group->stopped || !commands(seats_find(&group->seats, group->idx), word))
		return -EPERM;
	if (!*word || strlen(word) > TALK_WORD || args.n > TALK_ARGS)
		return -EINVAL;
	if (seal_sign_for(sig, &group->meeting, "cmd", group->self.ik_secret,
			  command_signed(m, group->h_e, seq, word, args)) < 0)
		return -EIO;
	group->command_seq = seq;
	lv_u32(&lv, group->e);
	lv_u64(&lv, seq);
	lv_text(&lv, word);
	lv_bytes(&lv, args.p, args.n);
	lv_bytes(&lv, sig, sizeof sig);
	return lv.full ? -EINVAL : (int)lv.n;
}

static int command_read(struct talk_command *in, uint32_t *e, uint8_t sig[static SEAL_SIG],
			struct seal_bytes bytes)
{
	struct lv_reader reader = lv_from(bytes.p, bytes.n);
	const uint8_t *word, *args;
	size_t word_n = 0;

	*e = lv_read_u32(&reader);
	in->seq = lv_read_u64(&reader);
	word = lv_read(&reader, &word_n);
	args = lv_read(&reader, &in->args_n);
	lv_read_exactly(&reader, sig, SEAL_SIG);
	if (!lv_done(&reader) || !word_n || word_n > TALK_WORD || in->args_n > TALK_ARGS ||
	    memchr(word, 0, word_n))
		return -EBADMSG;
	memcpy(in->word, word, word_n);
	if (in->args_n)
		memcpy(in->args, args, in->args_n);
	return 0;
}

int talk_command_read(struct group *group, uint16_t from, struct seal_bytes bytes,
		      struct talk_command *command)
{
	struct seat *seat = seats_find(&group->seats, from);
	struct talk_command in = { .from = from };
	const struct epoch *epoch;
	uint8_t m[TALK_SIGNED], sig[SEAL_SIG];
	uint32_t e;

	if (command_read(&in, &e, sig, bytes) < 0)
		return -EBADMSG;
	if (group->stopped || !commands(seat, in.word))
		return -EPERM;
	epoch = group_epoch_of(group, e);
	if (!epoch)
		return -ESTALE;
	if (seal_verify_for(sig, &group->meeting, "cmd", seat->member->binding.ik,
			    command_signed(m, epoch->h, in.seq, in.word,
					   (struct seal_bytes) { in.args, in.args_n })) < 0)
		return -EBADMSG;
	if (in.seq <= seat->member->commanded)
		return -EALREADY;
	seat->member->commanded = in.seq;
	*command = in;
	return 0;
}
