/**
 * The admin port: its server with TLS and access checks, and its pages for people and programs. The
 * text of the metrics comes from outside.
 */
@NullMarked
package ai.llmd.epp.adapter.admin;

import org.jspecify.annotations.NullMarked;
