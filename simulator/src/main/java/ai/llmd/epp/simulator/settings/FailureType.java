package ai.llmd.epp.simulator.settings;

import java.util.Locale;

/** An error that is answered instead of a completion; status and message are the reference's. */
public enum FailureType {
  RATE_LIMIT(429, "RateLimitError", "Rate limit reached for %s, please try again later."),
  INVALID_API_KEY(401, "AuthenticationError", "Incorrect API key provided."),
  CONTEXT_LENGTH(400, "BadRequestError", "This model's maximum context length is exceeded."),
  SERVER_ERROR(503, "ServiceUnavailableError", "The server is overloaded or not ready yet."),
  INVALID_REQUEST(400, "BadRequestError", "The request is invalid."),
  MODEL_NOT_FOUND(404, "NotFoundError", "The model '%s-nonexistent' does not exist");

  private final int status;
  private final String type;
  private final String message;

  FailureType(int status, String type, String message) {
    this.status = status;
    this.type = type;
    this.message = message;
  }

  /** HTTP status. */
  public int status() {
    return status;
  }

  /** The {@code type} of the error object. */
  public String type() {
    return type;
  }

  /** The sentence for the client. */
  public String message(String model) {
    return message.replace("%s", model);
  }

  /** The name in flags, such as {@code rate_limit}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
