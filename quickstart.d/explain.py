"""One line out of a decision record of the picker: what each scorer said of the endpoint that was picked."""

from __future__ import annotations


def why(decision: dict, endpoint: str) -> str:
    """A summary such as ``prefix-cache 0.93 ×3, queue 1.00 ×2 → 4.79 (next 2.00)``.

    Raises ValueError or KeyError when the record does not tell why this endpoint was picked.
    """
    picked = decision["outcome"]["endpoints"][0]["endpoint"]
    if not picked.endswith("/" + endpoint):
        raise ValueError(f"the record says {picked}, the response came from {endpoint}")
    profile = next((p for p in decision["profiles"] if p["role"] == "primary"), None)
    if not profile or not profile["scorers"]:
        raise ValueError("the record has no scores")
    rows = {row["endpoint"]: row for row in profile["shown"]}
    totals = {name: row["total"] for name, row in rows.items()}
    scores = rows[picked]["scores"]
    scorers = sorted(profile["scorers"], key=lambda scorer: -scorer["weight"])
    parts = [f"{_short(s['plugin'])} {scores[s['plugin']]:.2f} ×{s['weight']:g}" for s in scorers if scores[s["plugin"]] is not None]
    return f"{', '.join(parts)} → {totals[picked]:.2f} {_lead(totals, picked)}".rstrip()


def why_stages(decision: dict, endpoint: str, prompt: str) -> str:
    """The same where the prompt may be computed elsewhere: first why it was, or was not."""
    summary = why(decision, endpoint)
    profiles = decision["profiles"]
    primary = next(profile for profile in profiles if profile["role"] == "primary")
    picked = primary["pick"]["endpoints"][0]
    row = next(row for row in primary["shown"] if row["endpoint"] == picked)
    share = next(score for plugin, score in row["scores"].items() if plugin.startswith("prefix-cache"))
    if prompt != endpoint:
        return f"{share:.0%} of the prompt is cached on {endpoint}: {prompt} computes it; {summary}"
    return f"{share:.0%} of the prompt is cached on {endpoint}: no transfer is worth it; {summary}"


def _short(plugin: str) -> str:
    return plugin.removesuffix("-scorer").removesuffix("-utilization")


def _lead(totals: dict[str, float | None], picked: str) -> str:
    """How the next best did; unscored endpoints have no total."""
    others = [total for name, total in totals.items() if name != picked and total is not None]
    if not others:
        return ""
    ties = sum(abs(total - totals[picked]) < 1e-9 for total in others)
    if ties:
        return f"(tie with {ties} other{'s' if ties > 1 else ''}, drawn)"
    return f"(next {max(others):.2f})"
