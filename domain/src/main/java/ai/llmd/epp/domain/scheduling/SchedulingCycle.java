package ai.llmd.epp.domain.scheduling;

import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.request.InferenceRequest;
import java.util.random.RandomGenerator;

/**
 * One run of a profile for one request: everything that a rule may look at.
 *
 * @param candidates the endpoints still in the running, with their loads frozen at the start
 * @param random the only source of chance; a test passes a seeded one
 * @param nowNanos {@link System#nanoTime()} at the start of the cycle, to judge the age of a sample
 */
public record SchedulingCycle(
    InferenceRequest request,
    Candidates candidates,
    Facts facts,
    RandomGenerator random,
    long nowNanos) {

  /** The same cycle with fewer candidates. */
  public SchedulingCycle with(Candidates narrowed) {
    return narrowed == candidates
        ? this
        : new SchedulingCycle(request, narrowed, facts, random, nowNanos);
  }
}
