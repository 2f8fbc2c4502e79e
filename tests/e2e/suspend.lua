-- Suspend: the one key for an incident. It mutes all, stops video and shares, closes chat, renaming, files and typing, and
-- locks; each is undone one by one.

local ann = moot.host{name="Ann", waiting_room="off", files="on", share="everyone"}
local bo = moot.join{name="Bo", mic="tone:440", camera="pattern"}
bo:expect("joined")

moot.test("everything stops in one step", function()
	bo:share("README.md")
	ann:expect("share-started", {from=bo})
	ann:suspend()
	bo:expect("muted", {by=ann})
	bo:expect("share-stopped", {by=ann})
	local controls = bo:state().controls
	moot.equal(controls.lock, "on")
	moot.equal(controls.chat, "off")
	moot.equal(controls.rename, "off")
	moot.equal(controls.files, "off")
	moot.equal(controls.keyboard, "nobody")
	moot.equal(controls.video, "off")
	moot.equal(controls.unmute, "off")
	moot.equal(controls.share, "hosts")
	for _, person in ipairs(ann:state().people) do
		moot.check(person.mic ~= "on" and not person.camera and not person.share, person.name .. " is silent and dark")
	end
	bo:refused("chat-off", "chat", "hello?")
	bo:refused("rename-off", "name", "Rob")
	bo:refused("unmute-off", "unmute")
	bo:refused("video-off", "video", true)
	moot.join{name="Cy"}:expect("refused", {code="locked"})
end)

moot.test("and comes back one by one", function()
	ann:unlock()
	moot.equal(ann:state().controls.chat, "off", "the lock alone was undone")
	ann:set("chat", "everyone")
	bo:expect("controls", {control="chat", value="everyone"})
	bo:chat("hello again")
	ann:expect("chat", {from=bo, text="hello again"})
	bo:refused("unmute-off", "unmute")
	ann:set("unmute", "on")
	bo:expect("controls", {control="unmute", value="on"})
	bo:unmute()
	ann:expect("person-changed", {number=bo.number, mic="on"})
end)
