/* What the app knows, as the snapshot that the views draw. */
#include "tui/app_files.h"
#include "tui/view.h"

void view_from_app(struct view_state *state, const struct app *app, int64_t now_us, int64_t now_ms)
{
	const struct roster *roster = app_roster(app);
	int64_t joined_us = app_joined_us(app);
	const struct person *me = roster_me(roster);

	state->roster = roster;
	state->chatlog = app_chatlog(app);
	app_security(app, &state->security);
	state->marks = app_marks(app, &state->mark_count);
	state->now_ms = now_ms;
	state->elapsed_s = joined_us > 0 ? (now_us - joined_us) / 1000000 : -1;
	state->has_mic = !me || me->mic != MIC_NONE;
	state->mic_on = app_mic_on(app);
	state->mic_level = app_mic_level(app);
	state->may_vote = app_may_vote(app);
	state->speaker = app_speaker(app);
	state->pinned = app_pinned(app);
	state->mode = app_view(app);
	state->line_attempt = app_line_attempt(app);
	state->speaking_count = 0;
	if (!app_file_progress(app, state->file.name, sizeof(state->file.name), &state->file.done, &state->file.all))
		state->file.name[0] = '\0';
	for (size_t i = 0; i < roster->people_count && state->speaking_count < VIEW_SPEAKING_MAX; i++)
		if (app_speaking(app, roster->people[i].number))
			state->speaking[state->speaking_count++] = roster->people[i].number;
}
