/**
 * The OpenAI and vLLM formats: requests read from JSON with a streaming parser, answers written as
 * JSON or server-sent events. Knows nothing of HTTP.
 */
@NullMarked
package ai.llmd.epp.simulator.openai;

import org.jspecify.annotations.NullMarked;
