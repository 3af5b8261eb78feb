package ai.llmd.epp.cli.doctor;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An endpoint whose cache a running picker predicted otherwise than the endpoint reports it.
 *
 * @param endpoint namespace and name
 * @param cause that the picker takes for likely, as its metric names it
 */
public record ReportedDisagreement(String endpoint, String cause) {

  private static final Pattern SAMPLE =
      Pattern.compile(
          "^llm_d_epp_kv_cache_truth_cause\\{cause=\"(\\w+)\",pod_identifier=\"([^\"]*)\"}"
              + " 1(\\.0)?$",
          Pattern.MULTILINE);

  /** Reads the page {@code /metrics}, in which there is none when all agree. */
  public static List<ReportedDisagreement> of(String page) {
    Matcher samples = SAMPLE.matcher(page);
    return samples
        .results()
        .map(one -> new ReportedDisagreement(one.group(2), one.group(1)))
        .toList();
  }
}
