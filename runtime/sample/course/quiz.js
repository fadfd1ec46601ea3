import { addInteraction, begin, commit, get, set } from "./scorm.js";

const PASSING = 0.6;
const form = document.getElementById("quiz");
const result = document.getElementById("result");

function report(score) {
  if (score === undefined) return;
  result.textContent = `You have ${score} of 100 points. ${score >= 100 * PASSING ? "Well done!" : "Read the lesson again, and try once more tomorrow."}`;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const questions = [...form.querySelectorAll("fieldset")];
  let right = 0;
  for (const question of questions) {
    const response = new FormData(form).get(question.id);
    const correct = response === question.dataset.right;
    right += correct ? 1 : 0;
    question.querySelector(".feedback")?.remove();
    const feedback = document.createElement("p");
    feedback.className = "feedback";
    feedback.textContent = correct ? "Right." : "Not quite.";
    question.append(feedback);
    addInteraction({ id: question.id, response, pattern: question.dataset.right, correct, description: question.querySelector("legend").textContent });
  }
  const scaled = right / questions.length;
  const score = Math.round(100 * scaled);
  set("cmi.score.min", 0);
  set("cmi.score.max", 100);
  set("cmi.score.raw", score);
  set("cmi.score.scaled", scaled.toFixed(4));
  set("cmi.completion_status", "completed");
  set("cmi.success_status", scaled >= PASSING ? "passed" : "failed");
  set("cmi.suspend_data", JSON.stringify({ score }));
  commit();
  report(score);
});

begin();
const name = get("cmi.learner_name");
if (name) document.getElementById("greeting").textContent = `Three questions for you, ${name}.`;
try {
  report(JSON.parse(get("cmi.suspend_data")).score);
} catch {
  set("cmi.completion_status", "incomplete"); // the first visit
}
