-- Microphones: a mute is at once and enforced at the relay; nobody can unmute another, only ask. What is said here is a
-- tone, and what is heard is what the relay let through.

local ann = moot.host{name="Ann", waiting_room="off", speaker="null"}
local bo = moot.join{name="Bo", mic="tone:440", speaker="null"}
bo:expect("joined")

local function mic_of(person)
	for _, one in ipairs(ann:state().people) do
		if one.number == person.number then return one.mic end
	end
end

moot.test("who speaks is heard", function()
	ann:expect("audio", {from=bo, on=true})
	ann:expect("speaking", {from=bo, on=true})
	moot.equal(mic_of(bo), "on")
end)

moot.test("who is muted is silent at once", function()
	ann:mute(bo)
	bo:expect("muted", {by=ann})
	ann:expect("audio", {from=bo, on=false})
	ann:refute("audio", {from=bo, on=true}, 0.5)
	moot.equal(mic_of(bo), "muted")
	ann:refused("already", "mute", bo)
end)

moot.test("nobody can unmute another, only ask", function()
	ann:ask_unmute(bo)
	bo:expect("ask-unmute", {by=ann})
	moot.equal(mic_of(bo), "muted")
	bo:unmute()
	ann:expect("audio", {from=bo, on=true})
end)

moot.test("mute all, with self-unmute off: only who is asked, or allowed, may", function()
	ann:set("unmute", "off")
	bo:expect("controls", {control="unmute", value="off"})
	ann:mute("all")
	bo:expect("muted", {all=true, by=ann})
	bo:refused("unmute-off", "unmute")
	ann:ask_unmute(bo)
	bo:expect("ask-unmute")
	bo:unmute()
	ann:expect("audio", {from=bo, on=true})
	bo:mute()
	bo:refused("unmute-off", "unmute")
	ann:allow(bo, "unmute")
	bo:expect("permission", {permission="unmute", on=true})
	bo:unmute()
	bo:mute()
	ann:set("unmute", "on")
	bo:expect("controls", {control="unmute", value="on"})
end)
