package ai.llmd.epp.domain.scheduling.picker;

/**
 * The parameters of every picker.
 *
 * @param maxNumOfEndpoints how many endpoints to pick at most, the destination and its fallbacks; 0
 *     and less mean 1
 */
public record PickerParameters(int maxNumOfEndpoints) {

  static final PickerParameters DEFAULT = new PickerParameters(1);

  public PickerParameters {
    maxNumOfEndpoints = Math.max(1, maxNumOfEndpoints);
  }

  /** How many to pick of this many candidates. */
  int of(int candidates) {
    return Math.min(maxNumOfEndpoints, candidates);
  }
}
