/* Calls whoever is signed in and looks elsewhere: a sound and a notice of the desktop, once they have switched it on here.
   console.js, which comes before, says what there is to look at and has the small functions used here. */
"use strict";

const alerts = one("[data-alerts]");
const wanted = () => localStorage.getItem("xiaoer:alerts") === "on" && window.Notification?.permission === "granted";

function tellAlerts() {
  alerts.setAttribute("aria-pressed", String(wanted()));
}

alerts.addEventListener("click", async () => {
  const on = !wanted();
  if (on && (await window.Notification?.requestPermission()) !== "granted") { toast(say("alerts_denied")); return; }
  localStorage.setItem("xiaoer:alerts", on ? "on" : "off");
  tellAlerts();
  if (on) chime();
});

function chime() {
  const sound = new AudioContext();
  const tone = new OscillatorNode(sound, { frequency: 660 });
  const volume = new GainNode(sound, { gain: 0.12 });
  volume.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + 0.5);
  tone.connect(volume).connect(sound.destination);
  tone.onended = () => sound.close();
  tone.start();
  tone.stop(sound.currentTime + 0.5);
}

/** Somebody is wanted; several tabs show one notice. */
addEventListener("wanted", ({ detail }) => {
  if (!wanted()) return;
  const notice = new Notification(detail, { tag: "xiaoer", body: one(".brand strong").textContent });
  notice.onclick = () => { window.focus(); notice.close(); };
  chime();
});

tellAlerts();
