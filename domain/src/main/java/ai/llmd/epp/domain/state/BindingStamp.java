package ai.llmd.epp.domain.state;

/**
 * When and by whom a session was bound; of several bindings all replicas keep the one with the
 * highest stamp. A replica that binds a session anew goes beyond the stamp that it knows, whatever
 * its clock reads.
 *
 * @param epochMillis time of the last use, give or take the difference of clocks
 * @param writer the replica that bound it
 */
public record BindingStamp(long epochMillis, long writer) implements Comparable<BindingStamp> {

  @Override
  public int compareTo(BindingStamp other) {
    int byTime = Long.compare(epochMillis, other.epochMillis);
    return byTime != 0 ? byTime : Long.compare(writer, other.writer);
  }
}
