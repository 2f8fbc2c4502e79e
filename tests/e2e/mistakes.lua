-- Bad input: each command with wrong arguments, on somebody who is not there, on oneself, twice, or on a person who just left
-- gets one clear coded refusal, and nothing changes.

local ann = moot.host{name="Ann", waiting_room="off"}
local bo, gone = moot.join{name="Bo"}, moot.join{name="Gone"}
bo:expect("joined")
gone:expect("joined")
local number_gone = gone.number
gone:leave()
gone:expect("bye")
ann:expect("person-left", {name="Gone"})

local function fingerprint()
	local state, lines = ann:state(), {}
	for _, person in ipairs(state.people) do
		lines[#lines + 1] = table.concat({person.number, person.name, person.role, person.mic, tostring(person.share),
			tostring(person.camera), person.hand, table.concat(person.permits, ",")}, "/")
	end
	for _, name in ipairs{"chat", "lock", "share", "files", "waiting-room", "unmute", "video", "rename", "record"} do
		lines[#lines + 1] = name .. "=" .. state.controls[name]
	end
	return table.concat(lines, "\n")
end

-- code, then the words
local mistakes = {
	{"unknown-command", "zebra"}, {"ambiguous-command", "un"},
	{"bad-command", "admit"}, {"bad-command", "lock", "now"}, {"bad-command", "kick"}, {"bad-command", "msg", "Bo"},
	{"bad-command", "set", "chat"}, {"bad-command", "allow", "Bo"}, {"bad-command", "poll", "perhaps"},
	{"bad-value", "set", "chat", "sometimes"}, {"bad-value", "set", "weather", "on"}, {"bad-value", "allow", "Bo", "fly"},
	{"bad-value", "volume", "Bo", "loud"}, {"bad-value", "view", "sideways"}, {"bad-value", "react", "whatever"},
	{"bad-value", "record", "pause"}, {"bad-value", "consent", "maybe"}, {"bad-value", "video", "perhaps"},
	{"no-such-person", "kick", "Zoe"}, {"no-such-person", "kick", number_gone}, {"no-such-person", "mute", number_gone},
	{"no-such-person", "msg", number_gone, "hello"}, {"no-such-person", "cohost", number_gone},
	{"no-such-person", "host", number_gone}, {"no-such-person", "allow", number_gone, "share"},
	{"no-such-person", "rename", number_gone, "Back"}, {"no-such-person", "spotlight", number_gone},
	{"no-such-person", "sendback", number_gone}, {"no-such-person", "ask-unmute", number_gone},
	{"no-such-person", "pardon", "Zoe"},
	{"not-waiting", "admit", "Bo"}, {"not-waiting", "deny", "Bo"}, {"not-waiting", "admit", number_gone},
	{"not-yourself", "kick", "Ann"}, {"not-yourself", "cohost", "Ann"}, {"not-yourself", "msg", "Ann", "me"},
	{"not-yourself", "ask-unmute", "Ann"}, {"not-yourself", "allow", "Ann", "share"},
	{"already", "unlock"}, {"already", "set", "chat", "everyone"}, {"already", "uncohost", "Bo"}, {"already", "lower"},
	{"already", "disallow", "Bo", "share"}, {"already", "claim"},
	{"no-poll", "poll", "close"}, {"no-breakouts", "breakout", "open"}, {"not-recording", "record", "stop"},
	{"not-recording", "consent", "yes"}, {"not-sharing", "share", "stop"}, {"not-sharing", "give-keyboard", "Bo"},
	{"locked-by-policy", "set", "record", "permitted"}, {"no-such-transfer", "accept", "7"},
	{"no-such-file", "send", "Bo", "/no/such/file"}, {"no-camera", "video", "on"},
	{"bad-text", "chat", ""}, {"bad-text", "chat", string.rep("x", 5000)},
}

moot.test("one coded refusal each, and nothing changes", function()
	local before = fingerprint()
	for _, mistake in ipairs(mistakes) do
		ann:refused(table.unpack(mistake))
	end
	moot.equal(fingerprint(), before, "nothing changed")
	bo:refute("controls", {})
end)

moot.test("twice is once", function()
	ann:lock()
	ann:refused("already", "lock")
	ann:unlock()
	ann:cohost(bo)
	ann:refused("already", "cohost", bo)
	ann:uncohost(bo)
	bo:raise()
	bo:refused("already", "raise")
	bo:lower()
end)
