-- The administrator's policy: it sets how meetings start and can lock a control; limits, kinds and versions are its own. A
-- tightened rule reaches running meetings at once.

moot.test("a locked control is beyond every host, and they see that", function()
	local relay = moot.relay{policy="[controls]\nchat = hosts, locked\nwaiting-room = on, locked\n"}
	local ann = moot.host{name="Ann", relay=relay}
	ann:refused("locked-by-policy", "set", "chat", "everyone")
	ann:refused("locked-by-policy", "set", "waiting-room", "off")
	local locked = table.concat(ann:state().locked, " ")
	moot.check(locked:find("chat", 1, true) and locked:find("waiting-room", 1, true), "both are shown as locked")
end)

moot.test("tightened while a meeting runs", function()
	local relay = moot.relay{policy="[controls]\nwaiting-room = off\nshare = everyone\n"}
	local ann = moot.host{name="Ann", relay=relay}
	local bo = moot.join{name="Bo", to=ann}
	bo:expect("joined")
	bo:share("README.md")
	ann:expect("share-started", {from=bo})
	moot.check(relay:reload("[controls]\nshare = hosts, locked\n"), "the relay takes the new policy")
	ann:expect("share-stopped", {from=bo})
	bo:expect("controls", {control="share", value="hosts", locked=true})
	bo:refused("share-hosts-only", "share", "README.md")
	ann:refused("locked-by-policy", "set", "share", "everyone")
	local ok, why = relay:reload("[controls]\nshare = perhaps\n")
	moot.check(not ok and why:find("2:9", 1, true), "a broken file is refused with line and column: " .. tostring(why))
	ann:refused("locked-by-policy", "set", "share", "everyone")
end)

moot.test("full is full, for a meeting and for the relay", function()
	local relay = moot.relay{policy="[controls]\nwaiting-room = off\n[limits]\npeople = 2\nmeetings = 1\n"}
	local ann = moot.host{name="Ann", relay=relay}
	moot.join{name="Bo", to=ann}:expect("joined")
	moot.join{name="Cy", to=ann}:expect("refused", {code="full"})
	moot.host{name="Di", relay=relay, wait=false}:expect("refused", {code="too-many-meetings"})
end)

moot.test("old clients hear that they are too old", function()
	local relay = moot.relay{policy="[door]\nclient = 99.0.0\n"}
	moot.host{name="Ann", relay=relay, wait=false}:expect("refused", {code="client-too-old"})
end)

moot.test("kinds of connection: by the policy, and by the host", function()
	local relay = moot.relay{policy="[controls]\nwaiting-room = off\n[door]\nkinds = terminal, headless, phone\n"}
	local ann = moot.host{name="Ann", relay=relay}
	moot.join{name="Web", to=ann, kind="web"}:expect("refused", {code="kind-not-allowed"})
	local pin = ann:guest_pin("new").pin
	moot.join{name="Phone", to=ann, kind="phone", passcode="1"}:expect("refused", {code="no-such-meeting"})
	moot.join{name="Phone", to=ann, kind="phone", passcode=pin}:expect("refused", {code="kind-not-allowed"})
	ann:set("kinds", "phone")
	local phone = moot.join{name="Phone", to=ann, kind="phone", passcode=pin}
	phone:expect("joined")
	ann:expect("security", {state=3})
	moot.join{name="Term", to=ann, kind="terminal"}:expect("joined")
	for _, person in ipairs(ann:state().people) do
		if person.name == "Phone" then moot.equal(person.kind, "phone") end
	end
	phone:leave()
	ann:expect("security", {state=1})
	ann:set("kinds", "standard")
	moot.join{name="Phone", to=ann, kind="phone", passcode=pin}:expect("refused", {code="kind-not-allowed"})
	ann:set("kinds", "encrypted-only")
	ann:expect("controls", {control="kinds", value="encrypted-only"})
end)

moot.test("who may create meetings", function()
	local relay = moot.relay{policy="[door]\ncreate = token\n"}
	moot.host{name="Ann", relay=relay, wait=false}:expect("refused", {code="token-needed"})
	moot.host{name="Ann", relay=relay, token="a guess", wait=false}:expect("refused", {code="token-needed"})
end)

moot.test("an id is used once", function()
	local relay = moot.relay{}
	local ann = moot.host{name="Ann", relay=relay, id="team-monday"}
	ann:end_()
	ann:expect("bye")
	moot.host{name="Ann", relay=relay, id="team-monday", wait=false}:expect("refused", {code="id-taken"})
	relay:kill()
	relay:start()
	moot.host{name="Ann", relay=relay, id="team-monday", wait=false}:expect("refused", {code="id-taken"})
end)

moot.test("a passcode always, and no id can be probed", function()
	local ann = moot.host{name="Ann"}
	moot.check(#ann.passcode >= 6, "there is one")
	local wrong = moot.join{name="Bo", passcode="000000", wait=false}
	local nowhere = moot.join{name="Bo", id="999999999", passcode="000000", wait=false}
	local a, b = wrong:expect("refused"), nowhere:expect("refused")
	moot.equal(a.code, "no-such-meeting")
	moot.equal({a.code, a.text}, {b.code, b.text}, "they look alike")
end)
