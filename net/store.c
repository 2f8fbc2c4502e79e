/* One table for each. SQLite commits each id with a full sync before the meeting hears of it, so that neither a
 * restart nor a loss of power lets one be drawn twice. Hashes are keyed by a file of their own: who finds the
 * database alone cannot try ids out. */
#include "net/store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/file.h"

enum { KEY_BYTES = 32, HASH_BYTES = 32, BUSY_MS = 5000, VERSION = 1 };

struct store {
	sqlite3 *db;
	uint8_t key[KEY_BYTES];
};

static const char schema[] =
	"BEGIN IMMEDIATE;"
	"CREATE TABLE IF NOT EXISTS used_id (hash BLOB PRIMARY KEY) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS token (number INTEGER PRIMARY KEY AUTOINCREMENT, hash BLOB UNIQUE NOT NULL,"
	" label TEXT NOT NULL, created INTEGER NOT NULL, revoked INTEGER NOT NULL DEFAULT 0);"
	"PRAGMA user_version = 1;"
	"COMMIT;";

/* What SQLite says, as errno. */
static int error_of(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_DONE:
	case SQLITE_ROW: return 0;
	case SQLITE_CONSTRAINT: return -EEXIST;
	case SQLITE_BUSY:
	case SQLITE_LOCKED: return -EBUSY;
	case SQLITE_FULL: return -ENOSPC;
	case SQLITE_NOMEM: return -ENOMEM;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB: return -EBADMSG;
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
	case SQLITE_READONLY: return -EACCES;
	default: return -EIO;
	}
}

/* ---- opening -------------------------------------------------------------------------------------------- */

static int check_owner(const char *path)
{
	struct stat st;

	if (lstat(path, &st))
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 077))
		return -EPERM;
	return 0;
}

/* The key, made with the first store. A key without a store is taken up; a store without its key is not. */
static int load_key(struct store *store, const char *path, bool fresh)
{
	char *text;
	size_t n;
	int err = file_load(path, KEY_BYTES, &text, &n);

	if (err == -ENOENT && fresh) {
		randombytes_buf(store->key, sizeof(store->key));
		return file_save(path, store->key, sizeof(store->key), 0600);
	}
	if (err)
		return err == -ENOENT || err == -EFBIG ? -EBADMSG : err;
	if (n == KEY_BYTES)
		memcpy(store->key, text, KEY_BYTES);
	sodium_memzero(text, n);
	free(text);
	return n == KEY_BYTES ? 0 : -EBADMSG;
}

static int user_version(sqlite3 *db, int *version)
{
	sqlite3_stmt *stmt;
	int rc = sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &stmt, NULL);

	if (rc)
		return error_of(rc);
	rc = sqlite3_step(stmt);
	*version = rc == SQLITE_ROW ? sqlite3_column_int(stmt, 0) : -1;
	sqlite3_finalize(stmt);
	return rc == SQLITE_ROW ? 0 : error_of(rc);
}

static int check_whole(sqlite3 *db)
{
	sqlite3_stmt *stmt;
	int rc = sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &stmt, NULL);
	bool ok;

	if (rc)
		return error_of(rc);
	rc = sqlite3_step(stmt);
	ok = rc == SQLITE_ROW && !strcmp((const char *)sqlite3_column_text(stmt, 0), "ok");
	sqlite3_finalize(stmt);
	return ok ? 0 : rc == SQLITE_ROW ? -EBADMSG : error_of(rc);
}

static int open_db(struct store *store, const char *path)
{
	int rc, err, version = 0, fd;

	/* SQLite would make it readable as the umask says. */
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	close(fd);
	rc = sqlite3_open_v2(path, &store->db, SQLITE_OPEN_READWRITE, NULL);
	if (rc)
		return error_of(rc);
	sqlite3_busy_timeout(store->db, BUSY_MS);
	err = user_version(store->db, &version);
	if (err || version > VERSION)
		return err ? err : -EBADMSG;
	rc = sqlite3_exec(store->db, "PRAGMA synchronous = EXTRA; PRAGMA secure_delete = ON;", NULL, NULL, NULL);
	if (!rc && version < VERSION)
		rc = sqlite3_exec(store->db, schema, NULL, NULL, NULL);
	return rc ? error_of(rc) : check_whole(store->db);
}

static const char *explain(int err)
{
	switch (err) {
	case -EBADMSG:
		return "is damaged, or its store.key is missing. Bring both back from a copy; or move both away: then ids "
		       "used so far may be used again, and tokens must be made anew";
	case -EPERM: return "or its store.key belongs to another user, or others may read it: chown, chmod 600";
	case -EBUSY: return "is held by another program for too long";
	case -ENOSPC: return "cannot be written: the disk is full";
	default: return "cannot be opened";
	}
}

int store_open(struct store **out, const char *folder, const char **why)
{
	struct store *store = calloc(1, sizeof(*store));
	char db[PATH_MAX], key[PATH_MAX];
	int err = store && sodium_init() >= 0 ? 0 : -ENOMEM;
	/* Two relays that start at once on a new folder must not make two keys. */
	int lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool fresh;

	if (!err && (snprintf(db, sizeof(db), "%s/relay.db", folder) >= (int)sizeof(db) ||
		     snprintf(key, sizeof(key), "%s/store.key", folder) >= (int)sizeof(key)))
		err = -ENAMETOOLONG;
	if (!err && (lock < 0 || flock(lock, LOCK_EX)))
		err = -errno;
	fresh = !err && access(db, F_OK) != 0;
	err = err ? err : check_owner(db);
	err = err ? err : check_owner(key);
	err = err ? err : load_key(store, key, fresh);
	err = err ? err : open_db(store, db);
	if (lock >= 0)
		close(lock);
	if (!err) {
		*out = store;
		return 0;
	}
	*why = explain(err);
	store_close(store);
	return err;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	sqlite3_close(store->db);
	sodium_memzero(store, sizeof(*store));
	free(store);
}

/* ---- ids and tokens ------------------------------------------------------------------------------------- */

/* kind: so that an id and a token that read alike do not hash alike. */
static void hash_of(const struct store *store, const char *kind, const char *text, uint8_t hash[static HASH_BYTES])
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, store->key, sizeof(store->key), HASH_BYTES);
	crypto_generichash_update(&state, (const uint8_t *)kind, strlen(kind) + 1);
	crypto_generichash_update(&state, (const uint8_t *)text, strlen(text));
	crypto_generichash_final(&state, hash, HASH_BYTES);
	sodium_memzero(&state, sizeof(state));
}

/* One statement with a hash as its first parameter. *found: a row came. */
static int run_hash(struct store *store, const char *sql, const uint8_t hash[static HASH_BYTES], bool *found)
{
	sqlite3_stmt *stmt;
	int rc = sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL);

	if (rc)
		return error_of(rc);
	sqlite3_bind_blob(stmt, 1, hash, HASH_BYTES, SQLITE_STATIC);
	rc = sqlite3_step(stmt);
	if (found)
		*found = rc == SQLITE_ROW;
	sqlite3_finalize(stmt);
	return error_of(rc);
}

static int id_claim(void *arg, const char *id)
{
	struct store *store = arg;
	uint8_t hash[HASH_BYTES];

	hash_of(store, "id", id, hash);
	return run_hash(store, "INSERT INTO used_id (hash) VALUES (?1)", hash, NULL);
}

static int token_check(void *arg, const char *token)
{
	struct store *store = arg;
	uint8_t hash[HASH_BYTES];
	bool found = false;

	hash_of(store, "token", token, hash);
	run_hash(store, "SELECT 1 FROM token WHERE hash = ?1 AND NOT revoked", hash, &found);
	return found ? 0 : -EACCES;
}

const struct relay_store_ops store_relay_ops = { .id_claim = id_claim, .token_check = token_check };

int store_token_new(struct store *store, const char *label, int64_t now_s, char token[static STORE_TOKEN_SIZE])
{
	uint8_t random[(STORE_TOKEN_SIZE - 1) / 2], hash[HASH_BYTES];
	sqlite3_stmt *stmt;
	int rc = sqlite3_prepare_v2(store->db, "INSERT INTO token (hash, label, created) VALUES (?1, ?2, ?3)", -1, &stmt,
				    NULL);

	if (rc)
		return error_of(rc);
	randombytes_buf(random, sizeof(random));
	sodium_bin2hex(token, STORE_TOKEN_SIZE, random, sizeof(random));
	sodium_memzero(random, sizeof(random));
	hash_of(store, "token", token, hash);
	sqlite3_bind_blob(stmt, 1, hash, HASH_BYTES, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, label, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 3, now_s);
	rc = sqlite3_step(stmt);
	sqlite3_finalize(stmt);
	return rc == SQLITE_DONE ? (int)sqlite3_last_insert_rowid(store->db) : error_of(rc);
}

int store_token_revoke(struct store *store, int number)
{
	sqlite3_stmt *stmt;
	int rc = sqlite3_prepare_v2(store->db, "UPDATE token SET revoked = 1 WHERE number = ?1 AND NOT revoked", -1, &stmt,
				    NULL);

	if (rc)
		return error_of(rc);
	sqlite3_bind_int(stmt, 1, number);
	rc = sqlite3_step(stmt);
	sqlite3_finalize(stmt);
	if (rc != SQLITE_DONE)
		return error_of(rc);
	return sqlite3_changes(store->db) ? 0 : -ENOENT;
}

int store_tokens(struct store *store,
		 void (*fn)(void *arg, int number, const char *label, int64_t created_s, bool revoked), void *arg)
{
	sqlite3_stmt *stmt;
	int rc = sqlite3_prepare_v2(store->db, "SELECT number, label, created, revoked FROM token ORDER BY number", -1,
				    &stmt, NULL);

	if (rc)
		return error_of(rc);
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
		fn(arg, sqlite3_column_int(stmt, 0), (const char *)sqlite3_column_text(stmt, 1),
		   sqlite3_column_int64(stmt, 2), sqlite3_column_int(stmt, 3) != 0);
	sqlite3_finalize(stmt);
	return error_of(rc);
}
