/* What sound costs and how late it is: codec and mixer alone, then two engines that hand each other their
 * packets in one process, so that no network is in it. Speech by espeak-ng. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "audio/codec.h"
#include "audio/engine.h"
#include "audio/mixer.h"
#include "audio/playout.h"
#include "audio/soundfile.h"
#include "tests/bench/ear.h"
#include "tests/bench/measure.h"

enum { SPEECH_S = 12, FRAMES = SPEECH_S * 50, VOICES = 3, BLOCK = 240 };

static char dir[] = "/tmp/moot-bench-audio-XXXXXX";
static char said_path[64], heard_path[64];
static float speech[FRAMES * AUDIO_FRAME];

static double cpu_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "bench_audio: %s\n", what);
	exit(1);
}

static void load_speech(void)
{
	struct soundfile *file;
	if (ear_speech(said_path, SPEECH_S) != 0 || soundfile_open(&file, said_path) != 0)
		die("no speech: is espeak-ng there?");
	soundfile_read(file, speech, sizeof speech / sizeof *speech);
	soundfile_free(file);
}

/* ---- codec ----------------------------------------------------------------------------------------------
 */

static void codec_row(uint32_t bitrate, size_t samples, int complexity)
{
	static uint8_t packets[FRAMES][AUDIO_PACKET_MAX];
	static int sizes[FRAMES];
	static float pcm[CODEC_DECODE_MAX];
	struct encoder *encoder = encoder_new();
	struct decoder *decoder = decoder_new();
	size_t n = sizeof speech / sizeof *speech / samples;
	if (!encoder || !decoder)
		die("no memory");
	encoder_bitrate(encoder, bitrate);
	encoder_complexity(encoder, complexity);
	double start = cpu_s();
	for (size_t i = 0; i < n; i++)
		sizes[i] =
			encoder_encode(encoder, speech + i * samples, samples, packets[i], AUDIO_PACKET_MAX);
	double encoded = cpu_s();
	for (size_t i = 0; i < n; i++)
		decoder_decode(decoder, packets[i], (size_t)sizes[i], pcm);
	double decoded = cpu_s();
	printf("| %u | %zu | %d | %.0f | %.0f | %d |\n", bitrate / 1000, samples / 48, complexity,
	       (encoded - start) * 1e6 / FRAMES, (decoded - encoded) * 1e6 / FRAMES, sizes[0]);
	encoder_free(encoder);
	decoder_free(decoder);
}

/* Everything from packets that came to samples for the speaker. */
static void mix_row(void)
{
	struct encoder *encoder = encoder_new();
	struct playout *playout[VOICES];
	struct mixer mixer;
	double spent = 0, mixing = 0;
	for (int v = 0; v < VOICES; v++)
		playout[v] = playout_new(20);
	mixer_init(&mixer);
	for (unsigned i = 0; i < FRAMES; i++) {
		uint8_t bytes[AUDIO_PACKET_MAX];
		int n = encoder_encode(encoder, speech + (size_t)i * AUDIO_FRAME, AUDIO_FRAME, bytes,
				       sizeof bytes);
		const struct audio_packet packet = { .bytes = bytes,
						     .n = (size_t)n,
						     .timestamp = i * AUDIO_FRAME };
		double start = cpu_s();
		for (int v = 0; v < VOICES; v++)
			playout_put(playout[v], &packet, (int64_t)i * 20000);
		for (int block = 0; block < AUDIO_FRAME / BLOCK; block++) {
			float pcm[VOICES][BLOCK] = { 0 }, sum[BLOCK] = { 0 };
			for (int v = 0; v < VOICES; v++)
				playout_pull(playout[v], (int64_t)i * 20000 + block * 5000, pcm[v], BLOCK);
			double before = cpu_s();
			for (int v = 0; v < VOICES; v++)
				mixer_add(sum, pcm[v], 1, BLOCK);
			mixer_limit(&mixer, sum, BLOCK);
			mixing += cpu_s() - before;
		}
		spent += cpu_s() - start;
	}
	printf("\nThree voices, per 20 ms: jitter buffers, decoding, mixing %.0f µs, of it mixing %.0f µs\n",
	       spent * 1e6 / FRAMES, mixing * 1e6 / FRAMES);
	for (int v = 0; v < VOICES; v++)
		playout_free(playout[v]);
	encoder_free(encoder);
}

/* ---- engines --------------------------------------------------------------------------------------------
 */

static void on_packet(void *arg, const struct audio_packet *packet)
{
	audio_engine_put(arg, 1, packet);
}

static void deaf(void *arg, const struct audio_packet *packet)
{
	(void)arg;
	(void)packet;
}

static void latency_row(uint32_t packet_ms, uint32_t jitter_min_ms)
{
	struct audio_engine *ann, *bo;
	const struct audio_ops ann_ops = { .on_packet = on_packet }, bo_ops = { .on_packet = deaf };
	const struct audio_params hears = { .mic = "none",
					    .speaker = heard_path,
					    .jitter_min_ms = jitter_min_ms };
	const struct audio_params speaks = { .mic = said_path, .speaker = "none", .packet_ms = packet_ms };
	const char *why = "";
	if (audio_engine_new(&bo, &hears, &bo_ops, NULL, &why) != 0 ||
	    audio_engine_new(&ann, &speaks, &ann_ops, bo, &why) != 0)
		die(why);
	double cpu = cpu_s();
	audio_engine_start(bo);
	uint64_t heard_ns = measure_now_ns();
	audio_engine_start(ann);
	uint64_t said_ns = measure_now_ns();
	sleep(SPEECH_S);
	struct audio_source_stats stats = { 0 };
	audio_engine_stats(bo, &stats, 1);
	cpu = cpu_s() - cpu;
	audio_engine_free(ann);
	audio_engine_free(bo);
	struct ear_report ear;
	if (ear_compare(said_path, heard_path, -(double)(said_ns - heard_ns) / 1e6, &ear) != 0)
		die("cannot compare");
	printf("| %u | %u | %.1f | %.1f - %.1f | %.3f | %zu of %zu | %lu | %.2f |\n", packet_ms,
	       jitter_min_ms, ear.delay_ms, ear.delay_p10_ms, ear.delay_p90_ms, ear.median, ear.broken,
	       ear.windows, (unsigned long)stats.concealed, cpu * 100 / SPEECH_S / 2);
}

int main(void)
{
	if (!mkdtemp(dir))
		die("no room in /tmp");
	snprintf(said_path, sizeof said_path, "%s/said.wav", dir);
	snprintf(heard_path, sizeof heard_path, "%s/heard.wav", dir);
	load_speech();
	printf("CPU of the codec per 20 ms of speech\n\n| kbit/s | packet ms | complexity | encode µs | "
	       "decode µs | bytes |\n|--:|--:|--:|--:|--:|--:|\n");
	codec_row(24000, 960, 5);
	codec_row(24000, 960, 7);
	codec_row(24000, 960, 9);
	codec_row(6000, 2880, 7);
	codec_row(16000, 1920, 7);
	codec_row(64000, 960, 7);
	mix_row();
	printf("\nMouth to ear, engine to engine, no network between (file to file; a microphone's 20 ms "
	       "chunk is in it)\n\n"
	       "| packet ms | jitter min ms | delay ms | p10 - p90 | correlation | broken | concealed | CPU "
	       "%% of a core, per end |\n"
	       "|--:|--:|--:|--:|--:|--:|--:|--:|\n");
	latency_row(20, 20);
	latency_row(20, 40);
	latency_row(40, 20);
	latency_row(60, 20);
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	printf("\nResident at most: %ld KiB\n", usage.ru_maxrss);
	unlink(said_path);
	unlink(heard_path);
	rmdir(dir);
	return 0;
}
