-- Files in chat: off unless a host opens them; offered to one person; saved only on the receiver's word, under a safe name,
-- after the hash fits; never opened.

local ann = moot.host{name="Ann", waiting_room="off"}
local bo, cy = moot.join{name="Bo"}, moot.join{name="Cy"}
bo:expect("joined")
cy:expect("joined")

local folder = os.tmpname()
os.remove(folder)
os.execute("mkdir " .. folder)
local sent, saved = folder .. "/notes.txt", folder .. "/saved.txt"
local words = string.rep("a line of notes\n", 2000)
io.open(sent, "w"):write(words):close()

moot.test("off at first", function()
	bo:refused("files-off", "send", cy, sent)
	ann:set("files", "on")
	bo:expect("controls", {control="files", value="on"})
end)

moot.test("accepted: it arrives whole, where the receiver wants it", function()
	bo:send(cy, sent)
	local offer = cy:expect("file", {from=bo, text="notes.txt", size=#words})
	ann:refute("file", {}, 0.1)
	cy:accept(tostring(offer.file), saved)
	cy:expect("file-saved", {file=offer.file})
	bo:expect("file-ended", {file=offer.file, code="done"})
	moot.check(io.open(saved):read("a") == words, "what was saved is what was sent")
end)

moot.test("declined: nothing is written", function()
	os.remove(saved)
	bo:send(cy, sent)
	local offer = cy:expect("file", {from=bo})
	cy:decline(tostring(offer.file))
	bo:expect("file-ended", {file=offer.file, code="declined"})
	cy:refused("no-such-transfer", "accept", tostring(offer.file))
	moot.check(not io.open(saved), "nothing was saved")
end)

moot.test("not to oneself, not what is not there, not what is too big", function()
	bo:refused("not-yourself", "send", bo, sent)
	bo:refused("no-such-file", "send", cy, folder .. "/nothing")
	bo:refused("no-such-person", "send", "Zoe", sent)
	os.execute("truncate -s 20M " .. folder .. "/big")
	bo:refused("file-too-big", "send", cy, folder .. "/big")
end)

moot.test("switched off, what is under way ends", function()
	bo:send(cy, sent)
	local offer = cy:expect("file", {from=bo})
	ann:set("files", "off")
	cy:expect("file-ended", {file=offer.file, code="off"})
	bo:expect("file-ended", {file=offer.file, code="off"})
end)

os.execute("rm -r " .. folder)
