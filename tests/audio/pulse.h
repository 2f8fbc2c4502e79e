/* A PulseAudio of the test's own with two sinks that go nowhere, as sound cards for PortAudio by way of ALSA: what is
 * played into `mouth` is what the microphone "mouth" hears, what a program plays into "ear" is recorded from
 * ear.monitor. */
#ifndef MOOT_TESTS_AUDIO_PULSE_H
#define MOOT_TESTS_AUDIO_PULSE_H

#include <sys/types.h>

/** Start it, with the environment set for this process and its children. The folder it lives in, or NULL. */
const char *pulse_start(void);
/** Stop it and remove its folder. */
void pulse_end(void);
/** Kill the daemon, as a card that is pulled out; and start it anew, 0 or -ETIMEDOUT. */
void pulse_kill(void);
int pulse_revive(void);

/** Run one of its tools (pacat, parec, paplay …; NULL-ended) with these files as input and output. */
pid_t pulse_run(const char *const *argv, const char *in, const char *out);
/** Signal (0: none) and reap; the wait status. */
int pulse_stop(pid_t pid, int signal);

#endif
