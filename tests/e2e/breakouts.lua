-- Breakout rooms: chat, sound, pictures and shares are the room's; roster, hands, rules, waiting room and lock stay the
-- meeting's.

local ann = moot.host{name="Ann", waiting_room="off"}
local bo, cy, di = moot.join{name="Bo"}, moot.join{name="Cy"}, moot.join{name="Di"}
for _, person in ipairs{bo, cy, di} do person:expect("joined") end

moot.test("made closed, planned, then opened", function()
	bo:refused("no-breakouts", "breakout", "back")
	ann:breakout("make", "Panel", "Candidates")
	bo:expect("breakouts", {on=false})
	ann:breakout("assign", "Bo", "Panel")
	ann:breakout("assign", "Cy", "Candidates")
	ann:expect("assigned", {room=2})
	bo:refute("assigned", {}, 0.1)
	ann:breakout("open")
	bo:expect("moved", {room=1})
	cy:expect("moved", {room=2, who={cy.number}})
	ann:refused("already", "breakout", "open")
end)

moot.test("what is written stays in the room", function()
	bo:chat("in the panel")
	cy:refute("chat", {text="in the panel"}, 0.1)
	ann:refute("chat", {text="in the panel"})
	bo:hosts("we are done")
	ann:expect("chat", {text="we are done"})
	ann:breakout("tell", "Two minutes left.")
	for _, person in ipairs{bo, cy, di} do person:expect("chat", {text="Two minutes left."}) end
end)

moot.test("the roster, the lock and the waiting room are the meeting's", function()
	moot.equal(#bo:state().people, 4)
	ann:lock()
	bo:expect("controls", {control="lock", value="on"})
	ann:unlock()
	ann:set("waiting-room", "on")
	local ed = moot.join{name="Ed"}
	ed:expect("waiting")
	ann:admit("Ed")
	ed:expect("joined")
	ann:set("waiting-room", "off")
end)

moot.test("hosts move people, people come back, closing brings all back", function()
	ann:breakout("move", "Di", "Panel")
	di:expect("moved", {room=1})
	bo:chat("welcome, Di")
	di:expect("chat", {text="welcome, Di"})
	di:breakout("back")
	ann:expect("moved", {room=0, who={di.number}})
	di:refused("already", "breakout", "back")
	ann:refused("no-such-room", "breakout", "move", "Di", "Kitchen")
	bo:refused("not-allowed", "breakout", "close")
	ann:breakout("close")
	bo:expect("breakouts", {text=""})
	bo:chat("together again")
	cy:expect("chat", {text="together again"})
	ann:refused("no-breakouts", "breakout", "close")
end)
