package ai.llmd.epp.domain.scheduling.handler;

/**
 * Which profiles pick the endpoints of the stages before the last one.
 *
 * @param prefill name of the one that picks where prompts are computed
 * @param encode name of the one that picks where media are encoded
 */
public record StageProfiles(String prefill, String encode) {

  /** The names where a configuration gives no others. */
  public static final StageProfiles DEFAULT = new StageProfiles("prefill", "encode");
}
