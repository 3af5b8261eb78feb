package ai.llmd.epp.adapter.k8s.server;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.Map;

/** Pods as a kubelet reports them. */
public final class Pods {

  public static final String NAMESPACE = "serving";
  public static final Map<String, String> LABELS = Map.of("app", "vllm");

  private Pods() {}

  /** A ready pod of the usual pool; its address follows from the number. */
  public static Pod ready(int number) {
    return ready("pod-" + number, address(number), LABELS);
  }

  public static String address(int number) {
    return "10." + (number >> 16 & 255) + "." + (number >> 8 & 255) + "." + (number & 255);
  }

  public static Pod ready(String name, String address, Map<String, String> labels) {
    return pod(name, address, labels, "True");
  }

  public static Pod unready(int number) {
    return pod("pod-" + number, address(number), LABELS, "False");
  }

  private static Pod pod(String name, String address, Map<String, String> labels, String ready) {
    return new PodBuilder()
        .withNewMetadata()
        .withNamespace(NAMESPACE)
        .withName(name)
        .withLabels(labels)
        .endMetadata()
        .withNewSpec()
        .addNewContainer()
        .withName("vllm")
        .withImage("vllm")
        .endContainer()
        .endSpec()
        .withNewStatus()
        .withPhase("Running")
        .withPodIP(address)
        .withHostIP("192.168.0.1")
        .addNewCondition()
        .withType("Ready")
        .withStatus(ready)
        .endCondition()
        .endStatus()
        .build();
  }
}
