package ai.llmd.epp.domain.calls;

/**
 * A plugin failed where the program cannot go on without its result. It has been reported already;
 * the message names the plugin and the kind of failure, and nothing of the request.
 */
public final class PluginFailedException extends WithoutResultException {

  private static final long serialVersionUID = 1L;

  PluginFailedException(String reason, RuntimeException cause) {
    super(reason, cause);
  }
}
