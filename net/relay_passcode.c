/* Argon2id takes tens of milliseconds and 64 MiB on purpose, so one thread does it, one PIN after another, and the
 * loop never waits. An id that does not exist is compared with a hash that no passcode fits, so that it takes as long. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "net/relay_state.h"

enum { JOBS_MAX = 64 };

struct passcode_job {
	struct passcode_job *next;
	struct conn *conn;              /* loop's thread only */
	passcode_done *done;
	bool hash, ok;
	char passcode[MOOT_PASSCODE_SIZE];
	char against[crypto_pwhash_STRBYTES];
};

_Static_assert(crypto_pwhash_STRBYTES <= sizeof(((struct room *)0)->pin_hash), "a hash fits a room");

/* The loop and the thread meet under the lock; done and posted say whether the loop has a call to come. */
struct passcodes {
	struct loop *loop;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct passcode_job *todo, **todo_end, *done, **done_end;
	unsigned waiting;               /* jobs in todo or being worked on */
	bool quit;
	bool posted;                    /* collect() will be called */
	bool dead;                      /* and is to free all this */
};

static void job_free(struct passcode_job *job)
{
	sodium_memzero(job->passcode, sizeof job->passcode);
	free(job);
}

static void jobs_free(struct passcode_job *job)
{
	while (job) {
		struct passcode_job *next = job->next;

		job_free(job);
		job = next;
	}
}

static void destroy(struct passcodes *passcodes)
{
	jobs_free(passcodes->todo);
	jobs_free(passcodes->done);
	pthread_cond_destroy(&passcodes->wake);
	pthread_mutex_destroy(&passcodes->lock);
	free(passcodes);
}

/* On the loop: hand out what is done. */
static void collect(void *arg)
{
	struct passcodes *passcodes = arg;
	struct passcode_job *job;

	pthread_mutex_lock(&passcodes->lock);
	job = passcodes->done;
	passcodes->done = NULL;
	passcodes->done_end = &passcodes->done;
	passcodes->posted = false;
	pthread_mutex_unlock(&passcodes->lock);
	if (passcodes->dead) {
		jobs_free(job);
		destroy(passcodes);
		return;
	}
	while (job) {
		struct passcode_job *next = job->next;

		if (job->conn) {
			job->conn->job = NULL;
			job->done(job->conn, job->ok, job->against);
		}
		job_free(job);
		job = next;
	}
}

static void work(struct passcode_job *job, const char *nothing_fits)
{
	size_t n = strlen(job->passcode);

	if (job->hash)
		job->ok = !crypto_pwhash_str(job->against, job->passcode, n, crypto_pwhash_OPSLIMIT_INTERACTIVE,
		                             crypto_pwhash_MEMLIMIT_INTERACTIVE);
	else if (job->against[0])
		job->ok = !crypto_pwhash_str_verify(job->against, job->passcode, n);
	else
		job->ok = crypto_pwhash_str_verify(nothing_fits, job->passcode, n) == 1;
}

/* Called with the lock held. */
static void hand_over(struct passcodes *passcodes, struct passcode_job *job)
{
	job->next = NULL;
	*passcodes->done_end = job;
	passcodes->done_end = &job->next;
	passcodes->waiting--;
	while (!passcodes->posted && !passcodes->quit) {
		if (!loop_post(passcodes->loop, collect, passcodes)) {
			passcodes->posted = true;
			break;
		}
		/* The loop is behind: let it come forward. */
		pthread_mutex_unlock(&passcodes->lock);
		nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
		pthread_mutex_lock(&passcodes->lock);
	}
}

static void *run(void *arg)
{
	struct passcodes *passcodes = arg;
	char nothing_fits[crypto_pwhash_STRBYTES] = "";
	uint8_t random[32];
	struct passcode_job *job;

	randombytes_buf(random, sizeof random);
	if (crypto_pwhash_str(nothing_fits, (const char *)random, sizeof random, crypto_pwhash_OPSLIMIT_INTERACTIVE,
	                      crypto_pwhash_MEMLIMIT_INTERACTIVE))
		nothing_fits[0] = '\0';
	pthread_mutex_lock(&passcodes->lock);
	while (!passcodes->quit) {
		job = passcodes->todo;
		if (!job) {
			pthread_cond_wait(&passcodes->wake, &passcodes->lock);
			continue;
		}
		passcodes->todo = job->next;
		if (!passcodes->todo)
			passcodes->todo_end = &passcodes->todo;
		pthread_mutex_unlock(&passcodes->lock);
		work(job, nothing_fits);
		pthread_mutex_lock(&passcodes->lock);
		hand_over(passcodes, job);
	}
	pthread_mutex_unlock(&passcodes->lock);
	return NULL;
}

/* Signals are the loop's: the thread takes none. */
static int start_thread(struct passcodes *passcodes)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&passcodes->thread, NULL, run, passcodes);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return err;
}

struct passcodes *passcodes_new(struct loop *loop)
{
	struct passcodes *passcodes = calloc(1, sizeof *passcodes);

	if (!passcodes)
		return NULL;
	passcodes->loop = loop;
	passcodes->todo_end = &passcodes->todo;
	passcodes->done_end = &passcodes->done;
	pthread_mutex_init(&passcodes->lock, NULL);
	pthread_cond_init(&passcodes->wake, NULL);
	if (!start_thread(passcodes))
		return passcodes;
	destroy(passcodes);
	return NULL;
}

void passcodes_free(struct passcodes *passcodes)
{
	bool posted;

	if (!passcodes)
		return;
	pthread_mutex_lock(&passcodes->lock);
	passcodes->quit = true;
	pthread_cond_signal(&passcodes->wake);
	pthread_mutex_unlock(&passcodes->lock);
	pthread_join(passcodes->thread, NULL);
	passcodes->dead = true;
	posted = passcodes->posted;
	if (!posted)
		destroy(passcodes);
}

int passcodes_start(struct passcodes *passcodes, struct conn *conn, const char *passcode, const char *against,
                    passcode_done *done)
{
	struct passcode_job *job = calloc(1, sizeof *job);
	int err = -EAGAIN;

	if (!job)
		return -ENOMEM;
	job->conn = conn;
	job->done = done;
	job->hash = !against;
	strncpy(job->passcode, passcode, sizeof job->passcode - 1);
	if (against)
		strncpy(job->against, against, sizeof job->against - 1);
	pthread_mutex_lock(&passcodes->lock);
	if (passcodes->waiting < JOBS_MAX) {
		*passcodes->todo_end = job;
		passcodes->todo_end = &job->next;
		passcodes->waiting++;
		pthread_cond_signal(&passcodes->wake);
		err = 0;
	}
	pthread_mutex_unlock(&passcodes->lock);
	if (err)
		job_free(job);
	else
		conn->job = job;
	return err;
}

void passcode_forget(struct passcode_job *job)
{
	if (job)
		job->conn = NULL;
}
