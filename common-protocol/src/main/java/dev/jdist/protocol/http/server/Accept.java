package dev.jdist.protocol.http.server;

import java.util.Locale;

/** What an Accept header asks for, of the two encodings there are. */
public enum Accept {
    BINCODE,
    JSON;

    /**
     * As sccache-dist decides it: JSON only if it is asked for before bincode. Nothing said, a tie, or neither of the two
     * (a browser's {@code text/html}) means bincode.
     *
     * @param header null where the request had none
     */
    public static Accept prefer(String header) {
        if (header == null) {
            return BINCODE;
        }
        double bincode = 0;
        double json = 0;
        for (String range : header.toLowerCase(Locale.ROOT).split(",")) {
            String[] parts = range.split(";", -1);
            double quality = quality(parts);
            switch (parts[0].trim()) {
                case "*/*", "application/*" -> {
                    bincode = Math.max(bincode, quality);
                    json = Math.max(json, quality);
                }
                case "application/octet-stream" -> bincode = Math.max(bincode, quality);
                case "application/json" -> json = Math.max(json, quality);
                default -> {}
            }
        }
        return json > bincode ? JSON : BINCODE;
    }

    private static double quality(String[] parts) {
        for (int i = 1; i < parts.length; i++) {
            String parameter = parts[i].trim();
            if (parameter.startsWith("q=")) {
                try {
                    return Double.parseDouble(parameter.substring(2));
                } catch (NumberFormatException e) {
                    return 0;
                }
            }
        }
        return 1;
    }
}
