package ai.llmd.epp.domain.scheduling;

/** A filter that reckons with a number for each endpoint, which decisions show. */
public interface EstimatingFilter extends Filter {

  /** What the number is, as a name in JSON. */
  String estimated();

  /** The numbers that a request's candidates are compared by. */
  Scores estimates(SchedulingCycle cycle);
}
