"""Packager: names the platform of a wheel that is built for a Mac."""
import os

from wheel.macosx_libfile import calculate_macosx_platform_tag


def platform(folder, default):
    return calculate_macosx_platform_tag(folder, default)


def main():
    os.environ["MACOSX_DEPLOYMENT_TARGET"] = "11"
    print(platform(".", "macosx-10.9-x86_64"))
