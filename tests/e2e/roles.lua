-- Roles: what each may, and the one answer to what it may not. Only the host key or a transfer makes a host; when the host's
-- line drops, the seat waits and nobody is promoted.

local ann = moot.host{name="Ann", waiting_room="off"}
local bo, cy = moot.join{name="Bo"}, moot.join{name="Cy"}
bo:expect("joined", {role="participant"})
cy:expect("joined", {role="participant"})

-- Every word that is for hosts, with arguments that would do.
local for_hosts = {
	{"admit", "all"}, {"deny", "Cy"}, {"sendback", "Cy"}, {"tell-waiting", "hello"}, {"lock"}, {"unlock"}, {"kick", "Cy"},
	{"pardon", "9"}, {"set", "chat", "off"}, {"allow", "Cy", "share"}, {"disallow", "Cy", "share"}, {"suspend"},
	{"rename", "Cy", "Carl"}, {"mute", "all"}, {"mute", "Cy"}, {"ask-unmute", "Cy"}, {"lower", "Cy"}, {"spotlight", "Cy"},
	{"poll", "ask", "Tea?", "yes", "no"}, {"breakout", "make", "2"},
}
local for_the_host = {{"cohost", "Cy"}, {"uncohost", "Cy"}, {"host", "Cy"}, {"end"}}

moot.test("a participant speaks and writes, and moderates nothing", function()
	bo:chat("hello")
	ann:expect("chat", {from=bo, text="hello"})
	bo:raise()
	ann:expect("person-changed", {number=bo.number, code="hand"})
	bo:lower()
	for _, words in ipairs(for_hosts) do
		bo:refused("not-allowed", table.unpack(words))
	end
	for _, words in ipairs(for_the_host) do
		bo:refused("not-allowed", table.unpack(words))
	end
	moot.equal(#ann:state().people, 3, "and nothing happened")
end)

moot.test("who waits may do nothing but write to the hosts, and leave", function()
	ann:set("waiting-room", "on")
	local di = moot.join{name="Di"}
	di:expect("waiting")
	-- Of the people in the room one who waits knows nobody, not even to name them.
	for _, words in ipairs(for_hosts) do
		local code = di:try(table.unpack(words)).code
		moot.check(code == "not-allowed" or code == "not-in" or code == "no-such-person",
			words[1] .. " is not for who waits: " .. tostring(code))
	end
	di:refused("not-in", "chat", "hello")
	di:refused("not-in", "msg", "Ann", "hello")
	di:refused("not-in", "react", "heart")
	di:refused("not-in", "raise")
	di:hosts("may I come in?")
	ann:expect("chat", {from=di, text="may I come in?"})
	di:leave()
	di:expect("bye", {code=0})
	ann:expect("knock-gone", {name="Di", code="left"})
	ann:set("waiting-room", "off")
end)

moot.test("a co-host moderates, and makes nobody a host", function()
	ann:cohost(bo)
	cy:expect("person-changed", {number=bo.number, role="co-host", by=ann})
	bo:lock()
	cy:expect("controls", {control="lock", value="on", by=bo})
	bo:unlock()
	bo:mute("all")
	cy:expect("muted", {all=true, by=bo})
	bo:allow(cy, "share")
	cy:expect("permission", {permission="share", on=true, by=bo})
	bo:disallow(cy, "share")
	cy:expect("permission", {permission="share", on=false})
	bo:set("chat", "hosts")
	cy:expect("controls", {control="chat", value="hosts"})
	bo:set("chat", "everyone")
	bo:set("share", "everyone")
	cy:expect("controls", {control="share", value="everyone", by=bo})
	bo:set("share", "hosts")
	for _, words in ipairs(for_the_host) do
		bo:refused("not-allowed", table.unpack(words))
	end
	local di, ed = moot.join{name="Di"}, moot.join{name="Ed"}
	di:expect("joined")
	ed:expect("joined")
	bo:sendback(di)
	di:expect("waiting", {code="sent-back"})
	bo:expect("knock", {name="Di"})
	bo:admit(di)
	di:expect("joined")
	bo:sendback(di)
	di:expect("waiting", {code="sent-back"})
	bo:deny(di, "Not today.")
	di:expect("refused", {code="denied"})
	bo:kick(ed)
	ed:expect("removed", {by=bo})
	bo:set("waiting-room", "off")
	ann:uncohost(bo)
	bo:expect("person-changed", {number=bo.number, role="participant"})
	bo:refused("not-allowed", "lock")
end)

moot.test("the host hands over, and claims it back with the key", function()
	ann:host(bo)
	cy:expect("person-changed", {number=ann.number, role="co-host"})
	cy:expect("person-changed", {number=bo.number, role="host"})
	ann:refused("not-allowed", "end")
	ann:claim()
	cy:expect("person-changed", {number=bo.number, role="co-host"})
	cy:expect("person-changed", {number=ann.number, role="host"})
	ann:refused("already", "claim")
	ann:uncohost(bo)
end)

moot.test("the host's seat waits for its line; nobody is promoted", function()
	ann:cohost(bo)
	ann:net{drop=true}
	cy:expect("away", {number=ann.number})
	for _, person in ipairs(cy:state().people) do
		moot.check(person.role ~= "host" or person.number == ann.number, person.name .. " was not promoted")
	end
	bo:mute("all")
	bo:refused("not-allowed", "end")
	cy:expect("resumed", {number=ann.number})
	ann:expect("resumed", {number=ann.number})
	ann:uncohost(bo)
end)

moot.test("the host ends it for everyone", function()
	ann:end_()
	for _, person in ipairs{ann, bo, cy} do
		person:expect("ended", {by_name="Ann"})
		person:expect("bye", {code=0})
	end
	moot.join{name="Ed"}:expect("refused", {code="no-such-meeting"})
end)
