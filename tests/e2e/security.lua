-- End-to-end encryption as people meet it: who is verified and how, who is known again, what is asked when somebody comes whom
-- the relay can hear, passcodes and PINs.

local function keyed(who, name)
	moot.eventually(name .. " has keys", function()
		for _, person in ipairs(who:state().people) do
			if person.name == name then return person.keyed end
		end
	end)
end

moot.test("by link the host is verified; by passcode one compares the code", function()
	local ann = moot.host{name="Ann", waiting_room="off"}
	ann:expect("security", {state=1})
	local bo = moot.join{name="Bo", by="link"}
	bo:expect("security", {state=1})
	local cy = moot.join{name="Cy", by="passcode"}
	cy:expect("security", {state=2})
	local code = ann:verify().code
	moot.check(code:match("^%d%d%d%d%d" .. (" %d%d%d%d%d"):rep(7) .. "$"), "8 groups of 5 digits")
	moot.equal(cy:verify().code, code, "the same code is read and compared")
	moot.equal(bo:state().security.code, code)
	cy:verify("yes")
	cy:expect("security", {state=1})
	ann:refused("not-yourself", "verify", "yes")
	keyed(bo, "Cy")
	moot.equal(bo:verify(cy).code, cy:verify("Cy").code, "everybody has a code")
	bo:verify(cy, "yes")
	bo:refused("no-such-person", "verify", "Dee")
end)

moot.test("whom one verified is known again", function()
	local ann = moot.host{name="Ann", waiting_room="off"}
	local bo = moot.join{name="Bo", by="passcode", remember=true}
	bo:expect("security", {state=2})
	bo:verify("yes")
	bo:expect("security", {state=1})
	bo:leave()
	ann:expect("person-left", {name="Bo"})
	bo = moot.join{name="Bo", by="passcode", as=bo, remember=true}
	ann:expect("knock", {name="Bo"})
	ann:admit("Bo")
	bo:expect("security", {state=1})
end)

moot.test("a familiar name with another key is told, until it was looked at", function()
	local ann = moot.host{name="Ann", waiting_room="off", remember=true}
	local bo = moot.join{name="Bo"}
	bo:expect("joined")
	keyed(ann, "Bo")
	moot.check(ann:security().text:find("new to you", 1, true), "met for the first time")
	bo:leave()
	ann:expect("person-left", {name="Bo"})
	ann:refute("error", {code="new-key"})
	bo = moot.join{name="Bo"}
	ann:expect("error", {code="new-key"})
	local function about(text) return ann:security().text:find(text, 1, true) end
	moot.check(about("ANOTHER KEY"), "/security says so")
	moot.check(table.concat(ann:screen(), "\n"):find("!Bo", 1, true), "the list marks it")
	ann:verify("Bo", "yes")
	moot.check(not about("ANOTHER KEY"), "looked at")
end)

moot.test("a familiar name with another key is told at the door", function()
	local ann = moot.host{name="Ann", remember=true}
	local bo = moot.join{name="Bo"}
	ann:expect("knock", {name="Bo"})
	ann:refute("error", {code="new-key"}, 0.2)
	ann:admit("Bo")
	keyed(ann, "Bo")
	moot.check(ann:security().text:find("new to you", 1, true), "met for the first time")
	bo:leave()
	ann:expect("person-left", {name="Bo"})
	bo = moot.join{name="Bo"}
	ann:expect("knock", {name="Bo"})
	ann:expect("error", {code="new-key"})
end)

moot.test("somebody by web: all are asked, and send nothing before they agree", function()
	local ann = moot.host{name="Ann", waiting_room="off"}
	local bo = moot.join{name="Bo"}
	bo:expect("security", {state=1})
	bo:refused("no-question", "consent", "relay", "yes")
	local web = moot.join{name="Wanda", kind="web", passcode=ann:guest_pin("new").pin}
	web:expect("joined")
	bo:expect("security", {state=3})
	moot.check(bo:state().security.text:find("because Wanda joined by web", 1, true), "it says because of whom")
	moot.check(bo:state().security.consent_due, "asked")
	moot.check(table.concat(bo:screen(), "\n"):find("Wanda came by web: the relay can hear.", 1, true), "in plain sight")
	moot.check(not bo:try("chat", "secret").ok, "nothing is sent")
	bo:consent("yes")
	bo:chat("open")
	web:expect("chat", {text="open"})
	bo:consent("no")
	moot.check(not bo:try("chat", "secret").ok, "taken back")
	web:leave()
	bo:expect("security", {state=1})
	bo:chat("secret again")
	ann:expect("chat", {text="secret again"})
end)

moot.test("two questions at once are told apart", function()
	local relay = moot.relay{policy="[controls]\nwaiting-room = off\nrecord = permitted\n"}
	local ann = moot.host{name="Ann", relay=relay}
	local bo = moot.join{name="Bo", to=ann}
	bo:expect("security", {state=1})
	local web = moot.join{name="Wanda", to=ann, kind="web", passcode=ann:guest_pin("new").pin}
	bo:expect("security", {state=3})
	ann:record("start")
	bo:expect("record-ask")
	bo:refused("two-questions", "consent", "yes")
	bo:consent("record", "yes")
	bo:consent("yes")
	moot.check(not bo:state().security.consent_due, "what was left to answer")
	web:vanish()
end)

moot.test("a new passcode voids the old one; links stay good", function()
	local ann = moot.host{name="Ann", waiting_room="off"}
	local old, link = ann.passcode, ann.invite
	moot.equal(ann:passcode_().passcode, old)
	moot.check(not link:find(old, 1, true), "the link does not hold it")
	local new = ann:passcode_("new").passcode
	moot.check(new ~= old and #new >= 6, "another")
	moot.equal(ann:passcode_("new", "correct horse").passcode, "correct horse")
	moot.join{name="Old", passcode=old, wait=false}:expect("refused", {code="no-such-meeting"})
	moot.join{name="New", passcode="correct horse"}:expect("joined")
	local bo = moot.join{name="Bo", to=link}
	bo:expect("joined")
	bo:refused("not-allowed", "passcode")
	bo:refused("not-allowed", "passcode", "new")
	bo:refused("not-allowed", "guest-pin", "new")
end)
