"""Stream monitor: variants that a master playlist offers."""
import m3u8


def variants(text):
    return [(item.uri, item.stream_info.bandwidth) for item in m3u8.loads(text).playlists]


def main():
    print(variants("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1280000\nlow.m3u8\n"))
    print(variants("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1280000\nlow.m3u8\n#EXT-X-STREAM-INF:BANDWI"))
