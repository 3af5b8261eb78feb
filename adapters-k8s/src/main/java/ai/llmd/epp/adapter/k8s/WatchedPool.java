package ai.llmd.epp.adapter.k8s;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which pool is picked from, and how its pods are identified. */
public sealed interface WatchedPool {

  String namespace();

  /** The pool's name, in metrics and in the name of the lease. */
  String name();

  /**
   * A pool that an InferencePool object describes.
   *
   * @param group API group that objectives and rewrites name when they mean this pool
   */
  record ByName(String namespace, String name, String group) implements WatchedPool {}

  /**
   * A pool without an object: pods by their labels.
   *
   * @param name of the deployment that the picker belongs to
   * @param targetPorts one endpoint each, 1 to 8 of them
   */
  record BySelector(
      String namespace, String name, LabelSelector selector, List<Integer> targetPorts)
      implements WatchedPool {

    private static final Pattern POD_OF_DEPLOYMENT = Pattern.compile("^(.+)-[a-z0-9]+-[a-z0-9]+$");

    public BySelector {
      targetPorts = List.copyOf(targetPorts);
    }

    /** The deployment in a pod's name; empty when it is not a deployment's pod. */
    public static Optional<String> deploymentOf(String podName) {
      Matcher name = POD_OF_DEPLOYMENT.matcher(podName);
      return name.matches() ? Optional.of(name.group(1)) : Optional.empty();
    }
  }
}
